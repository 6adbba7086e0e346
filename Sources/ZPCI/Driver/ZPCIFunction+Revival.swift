public import IOMMU

/// Recovery and reset, as the function's group asks for them.
extension ZPCIFunction {
  /// Whether the function is in error state, as the machine or the driver knows it.
  ///
  /// An error state that somebody else ended counts: what was to be dropped meanwhile was not.
  ///
  /// Throws: ``ControlError/functionGone``, ``ControlError/refused(conditionCode:status:)``.
  /// Context: takes the function's lock. Complexity: one STPCIFC. Allocates: never.
  public func isInError(on cpu: CPUIndex) throws(ControlError) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    do throws(ZPCIError) {
      let controls = try readControlsLocked(on: cpu)
      return controls.state.contains(.error) || current.state == .error
    } catch {
      let control = controlError(error)
      if control == .functionInError { return true }
      throw control
    }
  }

  /// Brings a function that is blocked back from error state, as ``recover(on:)`` does.
  ///
  /// Throws: ``ControlError/functionGone``; ``ControlError/functionInError`` also where nothing but
  /// a reset can help, or only deconfiguring; ``ControlError/refused(conditionCode:status:)``. The
  /// function stays in error state, or is gone. Context: takes the function's lock.
  /// Allocates: never. Invalidates: everything.
  public func recover(
    by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) throws(ControlError) {
    lock.lock()
    defer { lock.unlock() }
    do throws(ZPCIError) {
      try recoverLocked(on: cpu)
    } catch {
      throw controlError(error)
    }
  }

  /// Disables the function, if it is enabled, and enables it: its handle changes, and whatever was
  /// registered is lost, interruptions and measurement too.
  ///
  /// Throws: ``ControlError/functionGone``; ``ControlError/functionInError`` for an error that
  /// only deconfiguring ends; ``ControlError/refused(conditionCode:status:)``. The function keeps
  /// state and registrations; or is disabled, and then another reset enables it; or is gone.
  /// Context: takes the function's lock, and waits for invalidations that other processors are in.
  /// Allocates: never; 4 KiB of stack. Invalidates: everything.
  public func reset(
    by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) throws(ControlError) {
    lock.lock()
    defer { lock.unlock() }
    do throws(ZPCIError) {
      if current.isReachable { try disableLocked(on: cpu) }
      try enableLocked(on: cpu)
    } catch {
      throw controlError(error)
    }
  }

  /// What the failure of a life-cycle operation means to a group.
  private func controlError(_ error: ZPCIError) -> ControlError {
    switch error {
    case .functionGone, .wrongState(.reserved), .wrongState(.standby), .wrongState(.gone):
      .functionGone
    case .functionInError, .permanentError: .functionInError
    case .busy: .refused(conditionCode: ConditionCode.busy.rawValue, status: 0)
    case .refused(let conditionCode, let status):
      .refused(conditionCode: conditionCode, status: status)
    case .callLogicalProcessor(.conditionCode(let conditionCode)):
      .refused(conditionCode: conditionCode, status: 0)
    case .callLogicalProcessor(.refused(let code)):
      .refused(
        conditionCode: ConditionCode.error.rawValue,
        status: UInt8(truncatingIfNeeded: code.rawValue))
    case .taken, .wrongState, .callLogicalProcessor, .controls: .unsupported
    }
  }
}
