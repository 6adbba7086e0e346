/// The caches in front of the tree: for each processor and size two magazines, and a depot a size.
///
/// A cached run is still in use as far as the tree knows. Sizes are 1, 2, 4, 8, 16 and 32 pages.
/// Lock order: a processor's slot, a depot, the tree, the spare magazines.
/// Source: drivers/iommu/iova.c from "Magazine caches for IOVA ranges" on; the idea is Bonwick and
/// Adams, "Magazines and Vmem", USENIX 2001.
@frozen
@usableFromInline
struct MagazineCache: ~Copyable, Sendable {
  /// The number of sizes.
  @inlinable
  static var sizeCount: Int { 6 }

  /// The number of processors.
  @usableFromInline let cpus: Int

  /// How many magazines a depot takes; all there are where Linux has no limit.
  let depotLimit: Int

  /// Whether depots shrink with time.
  let shrinks: Bool

  @usableFromInline let store: MagazineStore

  /// A slot for each processor and, within that, each size (`IOVA_RANGE_CACHE_MAX_SIZE`).
  ///
  /// Processors are told apart up to a power of two; those beyond share slots.
  @usableFromInline let slots: PerProcessor<6, MagazineSlot>

  /// A depot for each size.
  @usableFromInline let depots: FixedStorage<MagazineDepot>

  /// Caches for `cpus` processors before a tree of `capacity` runs.
  ///
  /// Magazines suffice for every run of the tree to be cached: a depot takes only full ones, and
  /// each processor may hold one more while it empties it.
  init(flavour: TreeFlavour, cpus: Int, capacity: Int) {
    precondition(cpus > 0 && cpus <= 65_536, "number of processors out of range")
    self.cpus = cpus
    // As many processors as `PerProcessor` tells apart.
    let slotted = 1 << (Int.bitWidth - (cpus - 1).leadingZeroBitCount)
    let inSlots = 2 * Self.sizeCount * slotted
    let count = inSlots + slotted + capacity / Magazine.size
    depotLimit = flavour.depotLimit ?? count
    shrinks = flavour == .linux6_12
    let store = MagazineStore(count: count)
    slots = PerProcessor(processors: cpus) {
      MagazineSlot(loaded: store.takeSpare(), previous: store.takeSpare())
    }
    self.store = store
    depots = FixedStorage(count: Self.sizeCount) { _ in MagazineDepot() }
  }

  /// The size class of `pages`, the binary logarithm rounded up, or `nil` for more than 32.
  @inlinable
  static func sizeClass(of pages: UInt64) -> Int? {
    if pages <= 1 { return 0 }
    let log2 = 64 &- (pages &- 1).leadingZeroBitCount
    return log2 < sizeCount ? log2 : nil
  }

  /// The pages really taken for a request of `pages`: rounded up to a power of two below 32.
  ///
  /// Source: `alloc_iova_fast`, so that what comes back fits every request of its class.
  @inlinable
  static func roundedUp(_ pages: UInt64) -> UInt64 {
    guard let sizeClass = sizeClass(of: pages) else { return pages }
    return 1 &<< UInt64(sizeClass)
  }

  /// The sum of what `count` gives for each slot.
  ///
  /// Complexity: O(processors). Context: any processor; takes each slot's lock.
  borrowing func sum(_ count: (borrowing MagazineSlot) -> UInt64) -> UInt64 {
    var sum: UInt64 = 0
    for slot in 0..<slots.count {
      for sizeClass in 0..<Self.sizeCount {
        slots[slot, sizeClass].lock.lock()
        sum &+= count(slots[slot, sizeClass])
        slots[slot, sizeClass].lock.unlock()
      }
    }
    return sum
  }
}

/// The two magazines that one processor has for one size.
@frozen
@usableFromInline
struct MagazineSlot: ~Copyable, Sendable {
  @usableFromInline let lock = SpinLock("magazine slot", lines: 2)
  @usableFromInline var loaded: Int32
  @usableFromInline var previous: Int32
  /// The pages that were looked at in vain, and the looks at magazines with such pages.
  var passed: UInt64 = 0
  var searches: UInt64 = 0
  /// Up to a line, as Linux has it: a processor's magazines are nobody else's business.
  private let padding: [4 of UInt64] = InlineArray(repeating: 0)

  init(loaded: Int32, previous: Int32) {
    self.loaded = loaded
    self.previous = previous
  }
}

/// The full magazines of one size that no processor holds.
@usableFromInline
struct MagazineDepot: ~Copyable, Sendable {
  let lock = SpinLock("magazine depot")

  /// The magazine put there last.
  var top = MagazineStore.none

  var count = 0

  /// Whether one was put there while no reclaim was due.
  var awaitsClock = false

  /// When a magazine is to be given back to the tree.
  var reclaimAt: Instant?

  init() {}
}
