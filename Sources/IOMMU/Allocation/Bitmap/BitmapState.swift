/// The scalars of a ``BitmapAllocator``, all guarded by its lock.
@frozen
@usableFromInline
struct BitmapState {
  /// Where the next search starts, counted from the first page of the aperture.
  @usableFromInline var nextPage: UInt64 = 0

  /// Whether the next search starts over from the first page, an invalidation having gone before.
  @usableFromInline var isWrapped = false

  /// The earliest invalidation whose end makes the next search start over; zero for none.
  @usableFromInline var wrapEpoch: UInt64 = 0

  /// The number of the latest invalidation.
  @usableFromInline var lastEpoch: UInt64 = 0

  /// Stale pages that no invalidation covers yet.
  @usableFromInline var waiting = StaleSet(map: 0)

  /// Stale pages that ``StaleSet/epoch`` or any later invalidation covers.
  @usableFromInline var older = StaleSet(map: 1)

  /// The same for an invalidation that began while ``older`` still waited for its own.
  @usableFromInline var newer = StaleSet(map: 2)

  /// Words read by searches.
  @usableFromInline var wordsScanned: UInt64 = 0

  /// Words gone over to free stale pages.
  @usableFromInline var wordsSwept: UInt64 = 0

  @usableFromInline
  init() {}

  /// The number of stale pages in all three sets.
  @usableFromInline
  var stalePages: UInt64 {
    waiting.pages &+ older.pages &+ newer.pages
  }
}

/// One of the three maps of stale pages, and what has to happen before its pages are free.
@frozen
@usableFromInline
struct StaleSet {
  /// Which third of the storage holds the map.
  @usableFromInline let map: Int

  /// The number of pages in it.
  @usableFromInline var pages: UInt64 = 0

  /// The invalidation that frees the pages; zero for none.
  @usableFromInline var epoch: UInt64 = 0

  @usableFromInline
  init(map: Int) {
    self.map = map
  }
}
