public import Synchronization

/// How much was stale, for how long: the exposure that deferring invalidation buys its speed with.
///
/// A page is stale from its unmap until an invalidation that began later has finished, or until it
/// is mapped again with the same translation. The integral is exact while invalidations do not
/// overlap each other; the maximum is an upper bound, never too low.
public final class StaleWindow: Sendable {
  @usableFromInline let retired = Atomic<UInt64>(0)
  @usableFromInline let freed = Atomic<UInt64>(0)
  // Sums of pages × time wrap around together, so that their difference stays right.
  @usableFromInline let retiredTimes = Atomic<UInt64>(0)
  @usableFromInline let freedTimes = Atomic<UInt64>(0)
  @usableFromInline let oldest = Atomic<UInt64>(.max)
  private let longest = Atomic<UInt64>(0)

  /// A window in which nothing was ever stale.
  public init() {}

  /// The number of pages that are stale now.
  public var stalePages: UInt64 {
    let freed = freed.load(ordering: .relaxed)
    let retired = retired.load(ordering: .relaxed)
    return retired > freed ? retired &- freed : 0
  }

  /// The pages that were ever stale.
  public var pages: UInt64 { retired.load(ordering: .relaxed) }

  /// The longest time for which a page was stale, of those that are not any more.
  public var longestTime: Nanoseconds { Nanoseconds(longest.load(ordering: .relaxed)) }

  /// Pages × nanoseconds up to `now`, over all pages that were ever stale.
  public func pageNanoseconds(at now: Instant) -> UInt64 {
    let open = stalePages &* now.nanoseconds
    return freedTimes.load(ordering: .relaxed) &+ open &- retiredTimes.load(ordering: .relaxed)
  }

  /// The time that `pages` became stale.
  @inlinable
  @inline(__always)
  package func retire(_ pages: UInt64, at now: Instant) {
    if oldest.load(ordering: .relaxed) == .max {
      _ = oldest.compareExchange(
        expected: .max, desired: now.nanoseconds, ordering: .relaxed)
    }
    retiredTimes.wrappingAdd(pages &* now.nanoseconds, ordering: .relaxed)
    retired.wrappingAdd(pages, ordering: .relaxed)
  }

  /// What a global invalidation that begins now will free.
  @usableFromInline
  package func beginGlobal() -> Mark {
    Mark(
      retired: retired.load(ordering: .relaxed),
      oldest: oldest.exchange(.max, ordering: .relaxed))
  }

  /// Ends the global invalidation that began at `mark`.
  @usableFromInline
  package func endGlobal(_ mark: Mark, succeeded: Bool, at now: Instant) {
    if !succeeded {
      if mark.oldest != .max { oldest.store(mark.oldest, ordering: .relaxed) }
      return
    }
    let already = freed.load(ordering: .relaxed)
    if mark.retired > already { add(freed: mark.retired &- already, at: now) }
    if mark.oldest != .max { note(now.since(Instant(nanoseconds: mark.oldest))) }
  }

  /// Ends the staleness of `pages`, the oldest of which was stale since `since`.
  @usableFromInline
  package func end(_ pages: UInt64, oldest since: Instant, at now: Instant) {
    if pages == 0 { return }
    add(freed: pages, at: now)
    note(now.since(since))
    if stalePages == 0 { oldest.store(.max, ordering: .relaxed) }
  }

  private func add(freed pages: UInt64, at now: Instant) {
    freedTimes.wrappingAdd(pages &* now.nanoseconds, ordering: .relaxed)
    freed.wrappingAdd(pages, ordering: .relaxed)
  }

  private func note(_ time: Nanoseconds) {
    longest.max(time.rawValue, ordering: .relaxed)
  }

  /// The state at the start of a global invalidation.
  @usableFromInline
  package struct Mark: Sendable {
    @usableFromInline let retired: UInt64
    @usableFromInline let oldest: UInt64
  }
}
