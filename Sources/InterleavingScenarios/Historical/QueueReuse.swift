import InterleavingExplorer

extension HistoricalVariants {
  /// A flush queue with one counter where two are needed.
  ///
  /// Linux's queue notes with each entry how many flushes had started, and frees it once a flush
  /// with a higher number has finished. Here a flush counts when it starts, and that is all: an
  /// address is recycled while the flush that covers it is still under way.
  static let queueReuse = Scenario(
    "queue-reuse",
    "an address is unmapped and queued, a flush is under way, and another driver allocates",
    checks: "no address is handed out while its old translation is cached"
  ) { execution in
    let flushes = ExploredVariable("flushes", 0)
    let entry = ExploredVariable<Int?>("queue entry's counter", nil)
    let cached = ExploredVariable("cached translation", true)
    execution.task("unmap") { entry.store(flushes.load()) }
    execution.task("flush") {
      flushes.update { $0 += 1 }
      // The hypervisor takes its time.
      cached.store(false)
    }
    execution.task("map") {
      guard let counter = entry.load(), counter < flushes.load() else { return }
      // The entry is old enough: its address is free.
      if cached.load() {
        execution.report(
          "staleReuse", "the address was handed out while its old translation was cached")
      }
    }
  }
}
