/// What is known of 256 neighbouring pages; the chunk's lock guards it.
@usableFromInline
struct RolloverChunkState: Sendable, BitwiseCopyable {
  /// The pages handed out next lie from here on, 0…256.
  @usableFromInline var cursor: UInt16 = 0

  /// The stale list that counts the stale pages, and that list's generation when it took the chunk.
  @usableFromInline var list: UInt8 = 0
  @usableFromInline var generation: UInt32 = 0

  /// False if a page that is freed now would not be found: the chunk has to be put on a free list.
  @usableFromInline var isTracked = true

  /// The length of its longest run when it was put on a free list; 0 where it was put on none.
  ///
  /// Whoever takes it off its list does so without the chunk's lock: then it is out of date until
  /// the taker has come.
  @usableFromInline var listed: UInt16 = 0

  /// Whether the chunk's leaf in the tree of runs follows every page that comes back.
  ///
  /// Then pages are retired under the lock alone.
  @usableFromInline var isSummarised = false

  /// Pages that cannot be handed out from here: live, stale, in an open word, reserved, or outside
  /// the aperture.
  @usableFromInline var busy: PageBits

  /// The value of the counter of started invalidations that all stale pages are held to have;
  /// ``never`` where the chunk is on no stale list.
  var stamp = RolloverChunkState.never

  /// Stale pages that the range invalidation of the chunk's ticket covers.
  var cleaning = PageBits()

  /// When the oldest stale page was retired, in nanoseconds, and when the oldest of those outside
  /// ``cleaning`` was, while a range invalidation is under way.
  var firstStale = RolloverChunkState.never
  var laterStale = RolloverChunkState.never

  /// No stamp, no time.
  @usableFromInline static var never: UInt64 { .max }

  init(busy: PageBits) {
    self.busy = busy
  }

  /// The pages that can be handed out.
  ///
  /// Inlined: a call would copy the whole state first.
  @inline(__always)
  var free: PageBits { busy.inverted }

  /// The chunk has no stale pages any more.
  mutating func forgetStale() {
    cleaning = PageBits()
    stamp = RolloverChunkState.never
    firstStale = RolloverChunkState.never
    laterStale = RolloverChunkState.never
  }
}
