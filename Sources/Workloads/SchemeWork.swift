public import IOMMU

/// The work of a scheme that costs processor time, as it counts it itself.
public struct SchemeWork: Equatable, Sendable {
  /// Nodes of a tree of addresses that were visited: each is likely a cache miss.
  public var treeSteps: UInt64 = 0
  /// Words of a bitmap of addresses that were scanned.
  public var bitmapWords: UInt64 = 0
  /// Entries put into or taken from queues of stale addresses.
  public var queueEntries: UInt64 = 0
  /// Pages in magazines that were passed over because they were above what was asked for.
  public var magazineEntries: UInt64 = 0
  /// Looks into magazines that passed pages over.
  public var magazineSearches: UInt64 = 0
  /// Words of 64 pages that were looked at for stale pages next to a range.
  public var neighbourWords: UInt64 = 0
  /// Range invalidations of stale pages that were begun.
  public var rangesBegun: UInt64 = 0

  /// Work that was counted; none, unless told.
  public init(
    treeSteps: UInt64 = 0, bitmapWords: UInt64 = 0, queueEntries: UInt64 = 0,
    magazineEntries: UInt64 = 0, magazineSearches: UInt64 = 0,
    neighbourWords: UInt64 = 0, rangesBegun: UInt64 = 0
  ) {
    self.treeSteps = treeSteps
    self.bitmapWords = bitmapWords
    self.queueEntries = queueEntries
    self.magazineEntries = magazineEntries
    self.magazineSearches = magazineSearches
    self.neighbourWords = neighbourWords
    self.rangesBegun = rangesBegun
  }

  /// What was done between two counts.
  public static func - (later: SchemeWork, earlier: SchemeWork) -> SchemeWork {
    SchemeWork(
      treeSteps: later.treeSteps &- earlier.treeSteps,
      bitmapWords: later.bitmapWords &- earlier.bitmapWords,
      queueEntries: later.queueEntries &- earlier.queueEntries,
      magazineEntries: later.magazineEntries &- earlier.magazineEntries,
      magazineSearches: later.magazineSearches &- earlier.magazineSearches,
      neighbourWords: later.neighbourWords &- earlier.neighbourWords,
      rangesBegun: later.rangesBegun &- earlier.rangesBegun)
  }
}

/// A scheme whose work can be priced.
///
/// Instructions are those of mapping and unmapping one page with s390 tables, beyond the work that
/// is counted, on x86-64. For what copies Linux they are Linux's own, measured on its code built in
/// user space: strict 347, flush queue 450, legacy bitmap 478. For ours, see
/// `rolloverInstructions`.
public protocol PricedScheme: InvalidationScheme {
  /// The work so far.
  var work: SchemeWork { get }

  /// The instructions of one map and its unmap, of one page.
  var pairInstructions: UInt64 { get }
}

/// Instructions of this project's own map and unmap under `rollover`, in the release build, counted
/// with callgrind by `Benchmarks/run`, pattern `depth-1`, subject `mappings`.
///
/// Of the ordinary way, which pages take whose mapping is announced, without the announcement, as
/// Linux's are counted: `rollover-told` took 382 when the machines' figures were made, and
/// `strict-told` 72 more than `strict`. By now it takes 360, and `rollover` is charged for 22 more
/// than it needs. What it decides on each machine, and what is left out, tells
/// `Docs/decisions/0004-machines.md`. The quick way, for devices that need not be told, takes 103
/// (`0009-leases.md`); its machines, `lpar` among those that are shipped, are charged for the
/// ordinary one.
private let rolloverInstructions: UInt64 = 310

extension StrictScheme: PricedScheme where Allocator == TreeAllocator {
  /// Its tree, bitmap and queue, as far as it has them.
  public var work: SchemeWork {
    SchemeWork(
      treeSteps: allocator.treeSteps,
      magazineEntries: allocator.magazineEntriesPassed,
      magazineSearches: allocator.magazineSearches)
  }
  /// As measured.
  public var pairInstructions: UInt64 { 347 }
}

extension QueueScheme: PricedScheme where Allocator == TreeAllocator {
  /// Its tree, bitmap and queue, as far as it has them.
  public var work: SchemeWork {
    SchemeWork(
      treeSteps: allocator.treeSteps,
      queueEntries: entriesHandled, magazineEntries: allocator.magazineEntriesPassed,
      magazineSearches: allocator.magazineSearches)
  }
  // The rings' own instructions are among them; entries are counted for what drains cost beyond.
  /// As measured.
  public var pairInstructions: UInt64 { 450 }
}

extension BitmapScheme: PricedScheme {
  /// Its tree, bitmap and queue, as far as it has them.
  public var work: SchemeWork {
    SchemeWork(bitmapWords: allocator.wordsScanned &+ allocator.wordsSwept)
  }
  /// As measured.
  public var pairInstructions: UInt64 { 478 }
}

extension RolloverScheme: PricedScheme {
  /// Its tree, bitmap and queue, as far as it has them.
  public var work: SchemeWork {
    SchemeWork(
      neighbourWords: allocator.neighbourWords, rangesBegun: allocator.rangeInvalidationsBegun)
  }
  /// As measured.
  public var pairInstructions: UInt64 { rolloverInstructions }
}
