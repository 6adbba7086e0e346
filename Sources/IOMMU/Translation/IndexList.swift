public import Synchronization

/// A queue of small numbers, each of which is in it at most once; its links are allocated once.
///
/// First in, first out: of tables that became empty, those that did so last are the likeliest to be
/// used again. Whoever appends a number sees to it that it is not in the queue: the caller owns it
/// at that time.
/// Context: any processor, several at once. Complexity: constant. Allocates: never, after `init`.
@usableFromInline
struct IndexList: ~Copyable, Sendable {
  @inlinable
  static var none: UInt32 { .max }

  @usableFromInline let lock = SpinLock("empty tables", lines: 1)
  @usableFromInline let first = Atomic<UInt32>(.max)
  @usableFromInline let last = Atomic<UInt32>(.max)
  @usableFromInline let entries = Atomic<Int>(0)
  @usableFromInline let next: FixedStorage<UInt32>

  /// An empty queue that can hold the numbers below `capacity`.
  @usableFromInline
  init(capacity: Int) {
    next = FixedStorage(count: capacity) { _ in Self.none }
  }

  /// The number of entries now.
  @inlinable
  var count: Int { entries.load(ordering: .relaxed) }

  /// Puts `index` at the end.
  @usableFromInline
  borrowing func append(_ index: Int) {
    lock.lock()
    link(index)
    lock.unlock()
  }

  /// Puts `index` at the end, and takes the first entry where there are `limit` or more then.
  ///
  /// Inlined, as this is for each table that becomes empty.
  @inlinable
  @inline(__always)
  borrowing func append(_ index: Int, takingFirstFrom limit: Int) -> Int? {
    lock.lock()
    defer { lock.unlock() }
    link(index)
    return count >= limit ? unlinkFirst() : nil
  }

  /// Takes the entry that has been there longest, or `nil` for an empty queue.
  @usableFromInline
  borrowing func takeFirst() -> Int? {
    lock.lock()
    defer { lock.unlock() }
    return unlinkFirst()
  }

  @inlinable
  @inline(__always)
  borrowing func link(_ index: Int) {
    let number = UInt32(truncatingIfNeeded: index)
    next[index] = Self.none
    let end = last.load(ordering: .relaxed)
    if end == Self.none {
      first.store(number, ordering: .relaxed)
    } else {
      next[Int(end)] = number
    }
    last.store(number, ordering: .relaxed)
    entries.store(count &+ 1, ordering: .relaxed)
  }

  @inlinable
  @inline(__always)
  borrowing func unlinkFirst() -> Int? {
    let index = first.load(ordering: .relaxed)
    if index == Self.none { return nil }
    let rest = next[Int(index)]
    first.store(rest, ordering: .relaxed)
    if rest == Self.none { last.store(Self.none, ordering: .relaxed) }
    entries.store(count &- 1, ordering: .relaxed)
    return Int(index)
  }
}
