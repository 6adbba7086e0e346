public import IOMMU
import Synchronization

extension ZPCIFunction {
  /// Makes the function ready for use; its handle changes.
  ///
  /// It can reach no memory until a table is registered, and its bus-master bit is off.
  ///
  /// Throws: ``ZPCIError/wrongState(_:)`` unless it is configured; ``ZPCIError/functionGone``,
  /// ``ZPCIError/permanentError``, ``ZPCIError/callLogicalProcessor(_:)``. The function stays
  /// configured, or is gone.
  /// Context: takes the function's lock. Allocates: never; 4 KiB of stack.
  public func enable(on cpu: CPUIndex) throws(ZPCIError) {
    lock.lock()
    defer { lock.unlock() }
    try enableLocked(on: cpu)
  }

  /// Context: the function's lock is held.
  func enableLocked(on cpu: CPUIndex) throws(ZPCIError) {
    let used = current
    if used.state == .gone { throw .functionGone }
    if used.state != .configured { throw .wrongState(used.state) }
    do {
      become(try bus.set(used.handle, .enable, on: cpu), .enabled)
    } catch .refused(.alreadyInState) {
      try takeUpHandle(used, wanted: .enabled, on: cpu)
    } catch {
      throw life(error, after: used)
    }
  }

  /// Takes the function out of use; its handle changes, its table and interruptions are dropped.
  ///
  /// When this returns, the function reaches nothing. A machine may say that the function is
  /// disabled already, as z/VM does of one in error: the handle is then looked up, and that is a
  /// success (Linux arch/s390/pci/pci.c, `zpci_disable_device` and `zpci_hot_reset_device`).
  ///
  /// Throws: ``ZPCIError/taken`` while a device of a group has the function, which resets or
  /// releases it; ``ZPCIError/wrongState(_:)`` unless it is enabled or in error;
  /// ``ZPCIError/functionGone``, ``ZPCIError/callLogicalProcessor(_:)``. The function keeps its
  /// state and its registrations, or is gone. Context: takes the function's lock, and waits for
  /// invalidations that other processors are in; registers are not accessed meanwhile. Allocates:
  /// never; 4 KiB of stack.
  public func disable(on cpu: CPUIndex) throws(ZPCIError) {
    lock.lock()
    defer { lock.unlock() }
    if claim.isTaken { throw .taken }
    try disableLocked(on: cpu)
  }

  /// Context: the function's lock is held, and the caller may take its translation away.
  func disableLocked(on cpu: CPUIndex) throws(ZPCIError) {
    let used = current
    if used.state == .gone { throw .functionGone }
    if !used.isReachable { throw .wrongState(used.state) }
    let before = stopRefreshes()
    do {
      become(try bus.set(used.handle, .disable, on: cpu), .configured)
    } catch .refused(.alreadyInState) {
      do {
        try takeUpHandle(used, wanted: .configured, on: cpu)
      } catch {
        settle(before)
        throw error
      }
    } catch {
      settle(before)
      throw life(error, after: used)
    }
    settle(.blocked)
    registeredVectors.store(0, ordering: .releasing)
  }

  /// Looks the function up by its number and takes up handle and state, where it had changed
  /// unseen.
  ///
  /// A function that is not listed any more is gone.
  private func takeUpHandle(
    _ used: HandleAndState, wanted: FunctionState, on cpu: CPUIndex
  ) throws(ZPCIError) {
    let found: FunctionListEntry?
    do {
      found = try bus.find(functionID: functionID, on: cpu)
    } catch {
      throw life(error, after: used)
    }
    guard let found else {
      become(used.handle, .gone)
      throw .functionGone
    }
    if !found.isConfigured {
      become(found.handle, .standby)
      throw .wrongState(.standby)
    }
    let state: FunctionState = found.handle.isEnabled ? .enabled : .configured
    if state != wanted { throw .callLogicalProcessor(.handle(found.handle)) }
    become(found.handle, state)
  }

  /// What a failed command of CLP means for the function.
  private func life(_ error: CLPError, after used: HandleAndState) -> ZPCIError {
    switch error {
    case .refused(.invalidHandle):
      become(used.handle, .gone)
      return .functionGone
    case .refused(.permanentError): return .permanentError
    case .refused(.busy): return .busy(attempts: bus.busyRetryLimit + 1)
    default: return .callLogicalProcessor(error)
    }
  }
}
