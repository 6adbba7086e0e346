public import Synchronization

/// Whose turn it is, and what was counted on the way; in a cache line of its own.
@usableFromInline
struct RolloverTurns: ~Copyable, Sendable {
  /// The number of range invalidations that were begun.
  @usableFromInline let ranges = Atomic<UInt64>(0)

  /// Which chunk is visited next, modulo their number, to see whether it still needs its lease.
  @usableFromInline let lease = Atomic<UInt64>(0)

  /// The words that looks at the neighbourhood of ranges took.
  let neighbourWords = Atomic<UInt64>(0)

  private let padding: [5 of UInt64] = InlineArray(repeating: 0)

  @usableFromInline
  init() {}
}
