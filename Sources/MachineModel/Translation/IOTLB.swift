/// The hardware's cache of translations, for machines without a hypervisor's shadow.
///
/// One place for each page of the aperture, so that nothing is ever evicted: what is stale stays
/// reachable until a refresh, which is the worst case that software has to cope with. A global
/// refresh begins a new epoch, and whatever carries an older one counts as absent.
struct IOTLB: ~Copyable {
  /// Epoch in the upper half, ``CachedTranslation`` in the lower.
  private let pages: ZeroedWords<UInt64>
  private var epoch: UInt32 = 1

  /// An empty cache for `pageCount` pages.
  init(pageCount: Int) {
    pages = ZeroedWords(count: pageCount)
  }

  /// What is cached for the page at `index`, or ``CachedTranslation/none``.
  func translation(at index: Int) -> CachedTranslation {
    let word = pages[index]
    if UInt32(truncatingIfNeeded: word &>> 32) != epoch { return .none }
    return CachedTranslation(rawValue: UInt32(truncatingIfNeeded: word))
  }

  /// Caches what a walk found.
  mutating func insert(_ translation: CachedTranslation, at index: Int) {
    pages[index] = UInt64(epoch) &<< 32 | UInt64(translation.rawValue)
  }

  /// Drops `count` pages from `first`; returns how many had been cached.
  mutating func remove(first: Int, count: Int) -> UInt64 {
    var removed: UInt64 = 0
    for index in first..<first + count where translation(at: index).isValid {
      pages[index] = 0
      removed &+= 1
    }
    return removed
  }

  /// Drops everything.
  mutating func removeAll() {
    if epoch == .max {
      // The epochs are used up: begin again with a cache that is empty for sure.
      for index in 0..<pages.count { pages[index] = 0 }
      epoch = 0
    }
    epoch &+= 1
  }
}
