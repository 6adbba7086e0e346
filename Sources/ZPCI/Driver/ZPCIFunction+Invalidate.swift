public import IOMMU
public import Synchronization

extension ZPCIFunction {
  /// Drops what is cached for `range`, and takes up what the table says now: one RPCIT.
  ///
  /// `range` is in whole granules; what lies outside the registered aperture cannot be cached and
  /// is left out. Without a registered table there is nothing to do, and no instruction is issued.
  ///
  /// Throws: ``ControlError/outOfResources``, after which the translations that are gone are
  /// dropped, but some new ones may be missing; ``ControlError/functionGone`` and
  /// ``ControlError/functionInError``, after which the device reaches nothing, and
  /// ``recover(by:on:)`` drops what was left; ``ControlError/refused(conditionCode:status:)``, with
  /// condition code 2 where the machine stayed busy, after which the device may still use what was
  /// cached. Complexity: one instruction; waits for another processor that is changing the
  /// registration.
  /// Allocates: never.
  @inlinable
  public func invalidate(_ range: IOVARange, on cpu: CPUIndex) throws(ControlError) {
    guard let used = try enterRefresh() else { return }
    defer { leaveRefresh() }
    guard let registered = registeredRange,
      let part = range.aligned(to: .fourKiB).intersection(registered)
    else { return }
    counters.ranges.wrappingAdd(1, ordering: .relaxed)
    try refresh(part, used, on: cpu)
  }

  /// Drops everything that is cached for the function, and takes up what the table says now.
  ///
  /// One RPCIT over the registered aperture, as Linux does (arch/s390/pci/pci_dma.c,
  /// `zpci_refresh_global`; drivers/iommu/s390-iommu.c, `zpci_refresh_all`).
  ///
  /// Throws, complexity, allocates: as ``invalidate(_:on:)``.
  @inlinable
  public func invalidateAll(on cpu: CPUIndex) throws(ControlError) {
    guard let used = try enterRefresh() else { return }
    defer { leaveRefresh() }
    guard let registered = registeredRange else { return }
    counters.globals.wrappingAdd(1, ordering: .relaxed)
    try refresh(registered, used, on: cpu)
  }

  /// Keeps the registration in place until ``leaveRefresh()``, or tells that there is no table.
  @inlinable
  func enterRefresh() throws(ControlError) -> HandleAndState? {
    while true {
      YieldPoint.reached(.store)
      refreshesInFlight.wrappingAdd(1, ordering: .sequentiallyConsistent)
      switch mode {
      case .translating:
        let used = current
        if used.state == .enabled { return used }
        leaveRefresh()
        if used.state == .error { throw .functionInError }
        throw .functionGone
      case .changing:
        // Not before it is settled: until then the device may use what the caller wants dropped.
        // Waiting leaves the count alone, so that who changes the mode finds it at 0 in the end.
        leaveRefresh()
        while mode == .changing {}
      case .blocked, .identity, .owed:
        leaveRefresh()
        return nil
      }
    }
  }

  @inlinable
  func leaveRefresh() {
    YieldPoint.reached(.store)
    refreshesInFlight.wrappingSubtract(1, ordering: .sequentiallyConsistent)
  }

  @inlinable
  var registeredRange: IOVARange? {
    IOVARange(
      first: IOVA(registeredFirst.load(ordering: .relaxed)),
      last: IOVA(registeredLast.load(ordering: .relaxed)))
  }

  @inlinable
  func refresh(
    _ range: IOVARange, _ used: HandleAndState, on cpu: CPUIndex
  ) throws(ControlError) {
    // An aperture is never the whole 64-bit space, the only range without a count.
    let byteCount = range.byteCount ?? ~(Granule.fourKiB.byteCount &- 1)
    counters.pages.wrappingAdd(byteCount &>> 12, ordering: .relaxed)
    let request = RequestWord(used.handle).rawValue
    var attempts: UInt64 = 0
    let result = attempt {
      attempts &+= 1
      return bus.instructions.refreshTranslations(
        request, address: range.first.rawValue, byteCount: byteCount, on: cpu)
    }
    if attempts > 1 { counters.busyAttempts.wrappingAdd(attempts &- 1, ordering: .relaxed) }
    if result.condition != .success { throw refreshFailed(result, used) }
  }

  /// What RPCIT's condition code and status mean.
  ///
  /// Source: Linux arch/s390/pci/pci_insn.c, `zpci_refresh_trans`, which takes the statuses 4 and
  /// 16 for a lack of resources; QEMU hw/s390x/s390-pci-inst.c, `rpcit_service_call`, for 8 and 40.
  @usableFromInline
  func refreshFailed(_ result: InstructionResult, _ used: HandleAndState) -> ControlError {
    counters.failed.wrappingAdd(1, ordering: .relaxed)
    switch (result.condition, result.status) {
    case (.invalidHandle, _):
      note(.gone, after: used)
      return .functionGone
    case (.error, RefreshStatus.resourceNotAvailable),
      (.error, RefreshStatus.insufficientResources):
      counters.outOfResources.wrappingAdd(1, ordering: .relaxed)
      return .outOfResources
    case (.error, RefreshStatus.inError), (.error, RefreshStatus.errorRecovery),
      (.error, LoadStoreStatus.blocked):
      note(.error, after: used)
      return .functionInError
    default:
      return .refused(conditionCode: result.conditionCode, status: result.status)
    }
  }

  /// Drops, before the function leaves error state, what the error state kept from being dropped.
  ///
  /// A lack of resources does not matter here: what is gone from the table was dropped all the
  /// same.
  ///
  /// Throws: ``ZPCIError``; the function has to stay in error state then.
  /// Context: the function's lock is held.
  func dropStaleTranslations(_ used: HandleAndState, on cpu: CPUIndex) throws(ZPCIError) {
    switch mode {
    case .owed:
      let (outcome, result) = modify(.deregisterTranslation, FunctionControls(), used, on: cpu)
      if outcome != .done && outcome != .sequence { throw error(outcome, result) }
      settle(.blocked)
    case .translating:
      guard let registered = registeredRange else { return }
      counters.globals.wrappingAdd(1, ordering: .relaxed)
      do {
        try refresh(registered, used, on: cpu)
      } catch {
        switch error {
        case .outOfResources: return
        case .functionGone: throw .functionGone
        case .functionInError: throw .functionInError
        case .refused(let conditionCode, let status):
          throw .refused(conditionCode: conditionCode, status: status)
        case .unsupported, .alreadyEnabled: throw .wrongState(used.state)
        }
      }
    case .blocked, .identity, .changing: return
    }
  }
}
