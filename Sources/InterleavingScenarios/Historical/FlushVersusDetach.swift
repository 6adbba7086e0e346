import InterleavingExplorer

extension HistoricalVariants {
  /// A flush that walks a domain's devices while one of them leaves.
  ///
  /// Walks must not take the lock of the list, for they come from everywhere; so what leaves the
  /// list has to outlive them. Linux waits for an RCU grace period since 6.2 (2ba8336dab5f); this
  /// does not.
  static let flushVersusDetach = Scenario(
    "flush-vs-detach",
    "a flush walks the devices of a domain while one is taken off the list and freed",
    checks: "a walk never follows a device that is gone"
  ) { execution in
    let lock = ExploredMutex("domain's list lock")
    let first = ExploredVariable<Int?>("domain.devices.first", 1)
    let device = ExploredResource("device")
    device.initialise()
    execution.task("flush") {
      if first.load() != nil { device.use() }
    }
    execution.task("detach") {
      lock.withLock { first.store(nil) }
      device.free()
    }
  }
}
