/// What is known of 256 neighbouring pages; the chunk's lock guards it.
@usableFromInline
struct RolloverChunkState: Sendable, BitwiseCopyable {
  /// ``stamp`` while one-page retires may take the fast path, else ``never``.
  @usableFromInline var openStamp = RolloverChunkState.never

  /// The pages handed out next lie from here on, 0…256.
  @usableFromInline var cursor: UInt16 = 0

  /// The number of pages in ``stale``.
  @usableFromInline var staleCount: UInt16 = 0

  /// The stale list that counts the stale pages, and that list's generation when it took the chunk.
  @usableFromInline var list: UInt8 = 0
  @usableFromInline var generation: UInt32 = 0

  /// False if a page that is freed now would not be found: the chunk has to be put on a free list.
  @usableFromInline var isTracked = true

  /// Whether it is on a free list for runs shorter than a chunk: wholly free, it belongs elsewhere.
  @usableFromInline var isListedShort = false

  /// Pages that cannot be handed out: live, stale, reserved or outside the aperture.
  @usableFromInline var busy: PageBits

  /// Pages, all of them busy too, that were retired and whose invalidation is not known.
  @usableFromInline var stale = PageBits()

  /// The value of the counter of started invalidations that all of ``stale`` is held to have.
  var stamp = RolloverChunkState.never

  /// Stale pages that the range invalidation of the chunk's ticket covers.
  var cleaning = PageBits()

  /// When the oldest of ``stale`` was retired, in nanoseconds, and when the oldest of those outside
  /// ``cleaning`` was, while a range invalidation is under way.
  var firstStale = RolloverChunkState.never
  var laterStale = RolloverChunkState.never

  /// No stamp, no time.
  @usableFromInline static var never: UInt64 { .max }

  init(busy: PageBits) {
    self.busy = busy
  }

  /// The pages that can be handed out.
  var free: PageBits { busy.inverted }

  /// The stale pages that no range invalidation under way covers.
  var waiting: PageBits { stale.subtracting(cleaning) }

  /// Makes every stale page free.
  mutating func reclaim() {
    busy = busy.subtracting(stale)
    forgetStale()
  }

  /// Empties the set of stale pages; `busy` has been dealt with.
  mutating func forgetStale() {
    stale = PageBits()
    cleaning = PageBits()
    staleCount = 0
    stamp = RolloverChunkState.never
    openStamp = RolloverChunkState.never
    firstStale = RolloverChunkState.never
    laterStale = RolloverChunkState.never
  }
}
