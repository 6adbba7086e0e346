public import Synchronization

/// What one processor has for itself: the chunk and the word of it that it hands single pages out
/// from, the run that it hands ranges out from, and what it counts for its domain.
///
/// 128 bytes, so that no two processors' fields share a cache line, nor a pair of lines that is
/// fetched together. Nothing here is trusted: two threads may name the same processor.
@usableFromInline
struct RolloverProcessor: ~Copyable, Sendable {
  /// The number of the current chunk; at first that of a chunk without free pages.
  @usableFromInline let current: Atomic<Int>

  /// The place among ``RolloverOpenWords`` of the word of 64 pages that single pages are handed out
  /// from; at first one of that chunk's.
  @usableFromInline let word: Atomic<UInt>

  /// The run that ranges are handed out from, as an ``OpenRun``.
  @usableFromInline let run = Atomic<UInt64>(0)

  /// One more than the longest run, as far as is known, behind the cursor of the current chunk.
  ///
  /// A hint: ranges of as many pages are not looked for there. Pages that come back leave it.
  let room = Atomic<Int>(PageBits.capacity + 1)

  /// The mappings that its domain made through leases, and those that it took back.
  ///
  /// Here because whoever makes one is here anyway.
  @usableFromInline let mapped = Atomic<UInt64>(0)
  @usableFromInline let unmapped = Atomic<UInt64>(0)

  private let padding: [10 of UInt64] = InlineArray(repeating: 0)

  init(current: Int, word: UInt) {
    self.current = Atomic(current)
    self.word = Atomic(word)
  }
}
