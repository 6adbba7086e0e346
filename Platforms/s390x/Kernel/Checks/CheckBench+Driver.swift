import IOMMU
import NVMe
import Workloads
import ZPCI

/// A driver on a domain: starting and stopping it, and bringing it back.
extension FunctionBench where Instructions == CheckInstructions {
  /// Attaches the function to `domain` and starts a driver that takes `slots` commands at once.
  func startDriver(on domain: CheckDomain, slots: Int) throws(Failure) -> CheckDriver {
    do throws(AttachError) {
      try group.attach(domain, on: .boot)
    } catch {
      throw .attach(error)
    }
    let driver = CheckDriver(
      function: function, domain: domain, cpus: [.boot],
      options: NVMeOptions(queueEntries: slots + 1))
    try driving { () throws(NVMeError) in try driver.initialise(clock: timer, pause: {}) }
    return driver
  }

  /// Shuts the driver down and blocks the function.
  func stop(_ driver: CheckDriver) throws(Failure) {
    try driving { () throws(NVMeError) in
      try driver.shutDown(clock: timer, pause: {}, report: { _ in })
    }
    do throws(OwnershipError) {
      try group.detach(on: .boot)
    } catch {
      throw .noFunction
    }
  }

  /// Brings the function back from error state, and its driver with it; what was in flight waits or
  /// is reported as lost.
  func recover(
    _ driver: CheckDriver, _ disposition: NVMeResetDisposition, report: (NVMeCompletion) -> Void
  ) throws(Failure) {
    let (group, device) = (group, device)
    try driving { () throws(NVMeError) in
      try driver.reset(
        clock: timer, disposition: disposition,
        recover: { () throws(PCIAccessError) in
          do throws(AttachError) {
            try group.recover(device, on: .boot)
          } catch {
            throw .functionInError
          }
        }, pause: {}, report: report)
    }
  }

  /// Waits until a register of the function answers that it is in error state.
  func waitForErrorState() throws(Failure) {
    let start = timer.now()
    while timer.now().since(start) < Wait.patience {
      do throws(PCIAccessError) {
        _ = try function.read32(bar: 0, offset: NVMeRegister.status, on: .boot)
      } catch {
        if error == .functionInError { return }
        throw .stuck
      }
    }
    throw .stuck
  }
}
