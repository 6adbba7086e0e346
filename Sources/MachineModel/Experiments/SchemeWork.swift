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
///
/// Instructions are those of mapping and unmapping one page with s390 tables, beyond the work that
/// is counted, on x86-64. For what copies Linux they are Linux's own, measured on its code built in
/// user space: strict 347, flush queue 450, legacy bitmap 478. For ours, see
/// `rolloverInstructions`.
protocol PricedScheme: InvalidationScheme {
  /// The work so far.
  var work: SchemeWork { get }

  /// The instructions of one map and its unmap, of one page.
  var pairInstructions: UInt64 { get }
}

/// Instructions of this project's own map and unmap under `rollover`, in the release build, counted
/// with callgrind: `Docs/decisions/0003-domain-and-schemes.md` tells how.
private let rolloverInstructions: UInt64 = 399

extension StrictScheme: PricedScheme where Allocator == TreeAllocator {
  var work: SchemeWork { SchemeWork(treeSteps: allocator.treeSteps) }
  var pairInstructions: UInt64 { 347 }
}

extension QueueScheme: PricedScheme where Allocator == TreeAllocator {
  var work: SchemeWork {
    SchemeWork(treeSteps: allocator.treeSteps, queueEntries: entriesHandled)
  }
  // The rings' own instructions are among them; entries are counted for what drains cost beyond.
  var pairInstructions: UInt64 { 450 }
}

extension BitmapScheme: PricedScheme {
  var work: SchemeWork {
    SchemeWork(bitmapWords: allocator.wordsScanned &+ allocator.wordsSwept)
  }
  var pairInstructions: UInt64 { 478 }
}

extension RolloverScheme: PricedScheme {
  var work: SchemeWork { SchemeWork() }
  var pairInstructions: UInt64 { rolloverInstructions }
}
