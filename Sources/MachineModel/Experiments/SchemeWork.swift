import IOMMU

/// The work of a scheme that costs processor time, as it counts it itself.
struct SchemeWork: Equatable {
  /// Nodes of a tree of addresses that were visited: each is likely a cache miss.
  var treeSteps: UInt64 = 0
  /// Words of a bitmap of addresses that were scanned.
  var bitmapWords: UInt64 = 0
  /// Entries put into or taken from queues of stale addresses.
  var queueEntries: UInt64 = 0

  static func - (later: SchemeWork, earlier: SchemeWork) -> SchemeWork {
    SchemeWork(
      treeSteps: later.treeSteps &- earlier.treeSteps,
      bitmapWords: later.bitmapWords &- earlier.bitmapWords,
      queueEntries: later.queueEntries &- earlier.queueEntries)
  }

  /// What it costs on a machine.
  func picoseconds(_ costs: ProcessorCosts) -> UInt64 {
    treeSteps &* costs.treeStepPicoseconds &+ bitmapWords &* costs.bitmapWordPicoseconds
      &+ queueEntries &* costs.queueEntryPicoseconds
  }
}

/// A scheme whose work can be priced.
protocol PricedScheme: InvalidationScheme {
  /// The work so far.
  var work: SchemeWork { get }
}

extension StrictScheme: PricedScheme where Allocator == TreeAllocator {
  var work: SchemeWork { SchemeWork(treeSteps: allocator.treeSteps) }
}

extension QueueScheme: PricedScheme where Allocator == TreeAllocator {
  var work: SchemeWork {
    SchemeWork(treeSteps: allocator.treeSteps, queueEntries: entriesHandled)
  }
}

extension BitmapScheme: PricedScheme {
  var work: SchemeWork { SchemeWork(bitmapWords: allocator.wordsScanned) }
}

extension RolloverScheme: PricedScheme {
  var work: SchemeWork { SchemeWork() }
}
