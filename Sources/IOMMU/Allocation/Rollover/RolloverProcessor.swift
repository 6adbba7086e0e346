public import Synchronization

/// What one processor has for itself: the chunk it hands out from, and its share of the counting.
///
/// 128 bytes, so that no two processors' fields share a cache line, nor a pair of lines that is
/// fetched together. Nothing here is trusted: two threads may name the same processor.
@usableFromInline
struct RolloverProcessor: ~Copyable, Sendable {
  /// The number of the current chunk; at first that of a chunk without free pages.
  @usableFromInline let current: Atomic<Int>

  /// Pages retired here, by stale list: the list's generation above, their number below bit 32.
  @usableFromInline let retired: [4 of Atomic<UInt64>] = InlineArray { _ in Atomic<UInt64>(0) }

  private let padding: [11 of UInt64] = InlineArray(repeating: 0)

  init(current: Int) {
    self.current = Atomic(current)
  }
}
