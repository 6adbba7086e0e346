import Workloads

extension SchemeWork {
  /// What it costs on a machine.
  func picoseconds(_ costs: ProcessorCosts) -> UInt64 {
    treeSteps &* costs.treeStepPicoseconds &+ bitmapWords &* costs.bitmapWordPicoseconds
      &+ queueEntries &* costs.queueEntryPicoseconds
      &+ neighbourWords &* costs.neighbourWordPicoseconds
      &+ rangesBegun &* costs.rangeBegunPicoseconds
  }
}
