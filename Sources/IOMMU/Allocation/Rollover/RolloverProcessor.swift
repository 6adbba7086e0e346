public import Synchronization

/// What one processor has for itself: the chunk and the word of it that it hands out from, and its
/// share of the counting.
///
/// 128 bytes, so that no two processors' fields share a cache line, nor a pair of lines that is
/// fetched together. Nothing here is trusted: two threads may name the same processor.
@usableFromInline
struct RolloverProcessor: ~Copyable, Sendable {
  /// The number of the current chunk; at first that of a chunk without free pages.
  @usableFromInline let current: Atomic<Int>

  /// The word of 64 pages that single pages are handed out from, counted from page 0; at first one
  /// of that chunk's.
  @usableFromInline let word: Atomic<Int>

  /// Pages retired here, by stale list: the list's generation above, their number below bit 32.
  @usableFromInline let retired = FourCounts()

  private let padding: [10 of UInt64] = InlineArray(repeating: 0)

  init(current: Int) {
    self.current = Atomic(current)
    word = Atomic(current << 2)
  }
}

/// One count for each stale list.
///
/// Four fields, not an inline array: Swift 6.3.1 cannot end an inline array of atomics in Embedded
/// Swift where a class holds it.
@usableFromInline
struct FourCounts: ~Copyable, Sendable {
  @usableFromInline let first = Atomic<UInt64>(0)
  @usableFromInline let second = Atomic<UInt64>(0)
  @usableFromInline let third = Atomic<UInt64>(0)
  @usableFromInline let fourth = Atomic<UInt64>(0)

  init() {}

  /// The count of stale list `list`, 0 to 3.
  @inlinable
  subscript(list: Int) -> Atomic<UInt64> {
    _read {
      switch list {
      case 0: yield first
      case 1: yield second
      case 2: yield third
      default: yield fourth
      }
    }
  }
}
