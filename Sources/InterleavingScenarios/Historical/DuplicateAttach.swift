import InterleavingExplorer

extension HistoricalVariants {
  /// A device on a domain's list twice.
  ///
  /// Attaching again without a detach was allowed since fa7e9ecc5e1c, and added another record to
  /// the list; a detach took one away. Source: "Fixes related to repeat attach_dev calls" of
  /// 2022-09-22 (bf8d2dd2ed08).
  static let duplicateAttach = Scenario(
    "duplicate-attach",
    "two paths attach the same device to a domain, one detaches and releases it, a flush walks",
    checks: "no device on the list is gone"
  ) { execution in
    let domain = Domain()
    domain.device.initialise()
    execution.task("attach") { domain.attach() }
    execution.task("attach again") {
      domain.attach()
      domain.detach()
      domain.device.free()
      domain.flush()
    }
  }

  private final class Domain: Sendable {
    let lock = ExploredMutex("domain's list lock")
    let devices = ExploredVariable("domain.devices", 0)
    let device = ExploredResource("device")

    func attach() {
      lock.withLock { devices.store(devices.load() + 1) }
    }

    func detach() {
      lock.withLock { devices.store(devices.load() - 1) }
    }

    func flush() {
      lock.withLock {
        for _ in 0..<devices.load() { device.use() }
      }
    }
  }
}
