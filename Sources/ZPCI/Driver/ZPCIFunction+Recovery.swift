public import IOMMU

extension ZPCIFunction {
  /// Asks the machine for the function's controls, and notes an error state that they tell.
  ///
  /// A function that the driver knows to be in error stays so until it is recovered.
  ///
  /// Throws: ``ZPCIError/functionGone``, ``ZPCIError/permanentError``,
  /// ``ZPCIError/functionInError`` where an error is being recovered,
  /// ``ZPCIError/busy(attempts:)``, ``ZPCIError/refused(conditionCode:status:)``,
  /// ``ZPCIError/controls(_:)``. Context: takes the function's lock. Allocates: never.
  @discardableResult
  public func readControls(on cpu: CPUIndex) throws(ZPCIError) -> FunctionControls {
    lock.lock()
    defer { lock.unlock() }
    return try readControlsLocked(on: cpu)
  }

  /// Brings the function back from error state; without effect where it is enabled.
  ///
  /// Its table, interruptions and measurement are still registered afterwards. While DMA is still
  /// blocked, everything that is cached is dropped, because an invalidation that the error state
  /// refused left its translations behind; and a table that could not be taken back is taken back
  /// now. The driver of the device has to reset it. Where the machine refuses one of the steps for
  /// good, ``disable(on:)`` and ``enable(on:)`` still bring the function back, without its
  /// registrations.
  ///
  /// The steps are MPCIFC 9, then 7: Linux arch/s390/pci/pci_event.c,
  /// `zpci_event_attempt_error_recovery`.
  ///
  /// Throws: ``ZPCIError/taken`` while a device of a group has the function, which recovers it; as
  /// ``readControls(on:)``; and ``ZPCIError/wrongState(_:)`` where it is not enabled.
  /// The function stays in error state and reaches nothing, or is gone.
  /// Context: takes the function's lock. Allocates: never.
  public func recover(on cpu: CPUIndex) throws(ZPCIError) {
    lock.lock()
    defer { lock.unlock() }
    if claim.isTaken { throw .taken }
    try recoverLocked(on: cpu)
  }

  /// Context: the function's lock is held.
  func recoverLocked(on cpu: CPUIndex) throws(ZPCIError) {
    let controls = try readControlsLocked(on: cpu)
    let used = current
    if !used.isReachable { throw .wrongState(used.state) }
    if !controls.state.contains(.error) {
      // Somebody else ended the error state, and knew nothing of what was left to be dropped.
      if used.state == .error {
        try dropStaleTranslations(used, on: cpu)
        note(.enabled, after: used)
      }
      return
    }
    if controls.state.contains(.blocked) {
      try step(.resetBlock, used, on: cpu)
    }
    try dropStaleTranslations(used, on: cpu)
    try step(.resetError, used, on: cpu)
    note(.enabled, after: used)
  }

  private func step(
    _ operation: FunctionControlOperation, _ used: HandleAndState, on cpu: CPUIndex
  ) throws(ZPCIError) {
    let (outcome, result) = modify(operation, FunctionControls(), used, on: cpu)
    if outcome != .done { throw error(outcome, result) }
  }

  func readControlsLocked(on cpu: CPUIndex) throws(ZPCIError) -> FunctionControls {
    let used = current
    if used.state == .gone { throw .functionGone }
    if used.state == .reserved || used.state == .standby { throw .wrongState(used.state) }
    var block = FunctionInformationBlock()
    let request = RequestWord(used.handle).rawValue
    let result = attempt {
      bus.instructions.storeFunctionControls(request, &block, on: cpu)
    }
    if result.condition == .error && result.status == StoreControlsStatus.permanentError {
      note(.error, after: used)
      throw .permanentError
    }
    let outcome = ControlOutcome(result)
    if outcome == .gone { note(.gone, after: used) }
    if outcome == .inError { note(.error, after: used) }
    if outcome != .done { throw error(outcome, result) }
    let controls: FunctionControls
    do {
      controls = try FunctionControls(block: block)
    } catch {
      throw .controls(error)
    }
    if used.state == .enabled && controls.state.contains(.error) { note(.error, after: used) }
    return controls
  }
}
