/// The caches in front of the tree: for each processor and size two magazines, and a depot a size.
///
/// A cached run is still in use as far as the tree knows. Sizes are 1, 2, 4, 8, 16 and 32 pages.
/// Lock order: a processor's slot, a depot, the tree, the spare magazines.
/// Source: drivers/iommu/iova.c from "Magazine caches for IOVA ranges" on; the idea is Bonwick and
/// Adams, "Magazines and Vmem", USENIX 2001.
@frozen
@usableFromInline
struct MagazineCache: ~Copyable, Sendable {
  /// The number of sizes (`IOVA_RANGE_CACHE_MAX_SIZE`).
  @inlinable
  static var sizeCount: Int { 6 }

  /// The number of processors.
  @usableFromInline let cpus: Int

  /// How many magazines a depot takes; all there are where Linux has no limit.
  let depotLimit: Int

  /// Whether depots shrink with time.
  let shrinks: Bool

  @usableFromInline let store: MagazineStore

  /// A slot for each processor and, within that, each size.
  @usableFromInline let slots: FixedStorage<MagazineSlot>

  /// A depot for each size.
  @usableFromInline let depots: FixedStorage<MagazineDepot>

  /// Caches for `cpus` processors before a tree of `capacity` runs.
  ///
  /// Magazines suffice for every run of the tree to be cached: a depot takes only full ones, and
  /// each processor may hold one more while it empties it.
  init(flavour: TreeFlavour, cpus: Int, capacity: Int) {
    precondition(cpus > 0 && cpus <= 65_536, "number of processors out of range")
    self.cpus = cpus
    let inSlots = 2 * Self.sizeCount * cpus
    let count = inSlots + cpus + capacity / MagazineStore.magazineSize
    depotLimit = flavour.depotLimit ?? count
    shrinks = flavour == .linux6_12
    let store = MagazineStore(count: count)
    slots = FixedStorage(count: Self.sizeCount * cpus) { _ in
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

  /// The pages in magazines that were looked at and were above what was asked for.
  ///
  /// Complexity: O(processors). Context: any processor; takes each slot's lock.
  borrowing func passedEntries() -> UInt64 {
    var sum: UInt64 = 0
    for index in 0..<slots.count {
      slots[index].lock.lock()
      sum &+= slots[index].passed
      slots[index].lock.unlock()
    }
    return sum
  }

  /// The slot of `cpu` for `sizeClass`; processors beyond those told of share slots.
  @inlinable
  borrowing func slot(_ cpu: CPUIndex, _ sizeClass: Int) -> Int {
    let number = cpu.rawValue < cpus ? cpu.rawValue : cpu.rawValue % cpus
    return number &* Self.sizeCount &+ sizeClass
  }
}

/// The two magazines that one processor has for one size.
@frozen
@usableFromInline
struct MagazineSlot: ~Copyable, Sendable {
  @usableFromInline let lock = SpinLock()
  @usableFromInline var loaded: Int32
  @usableFromInline var previous: Int32
  /// The pages that were looked at in vain.
  var passed: UInt64 = 0

  init(loaded: Int32, previous: Int32) {
    self.loaded = loaded
    self.previous = previous
  }
}

/// The full magazines of one size that no processor holds.
@usableFromInline
struct MagazineDepot: ~Copyable, Sendable {
  let lock = SpinLock()

  /// The magazine put there last.
  var top = MagazineStore.none

  var count = 0

  /// Whether one was put there while no reclaim was due.
  var awaitsClock = false

  /// When a magazine is to be given back to the tree.
  var reclaimAt: Instant?

  init() {}
}
