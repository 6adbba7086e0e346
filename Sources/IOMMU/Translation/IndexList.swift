public import Synchronization

/// A stack of small numbers, each of which is in it at most once; its links are allocated once.
///
/// Whoever pushes a number sees to it that it is not in the list: the caller owns it at that time.
/// Context: any processor, several at once. Allocates: never, after `init`.
@usableFromInline
struct IndexList: ~Copyable, Sendable {
  @inlinable
  static var none: UInt32 { .max }

  private let lock = SpinLock("empty tables", lines: 1)
  private let head = Atomic<UInt32>(.max)
  @usableFromInline let entries = Atomic<Int>(0)
  private let next: FixedStorage<UInt32>

  /// An empty list that can hold the numbers below `capacity`.
  @usableFromInline
  init(capacity: Int) {
    next = FixedStorage(count: capacity) { _ in Self.none }
  }

  /// The number of entries now.
  @inlinable
  var count: Int { entries.load(ordering: .relaxed) }

  /// Puts `index` on top.
  @usableFromInline
  borrowing func push(_ index: Int) {
    lock.lock()
    next[index] = head.load(ordering: .relaxed)
    head.store(UInt32(truncatingIfNeeded: index), ordering: .relaxed)
    entries.wrappingAdd(1, ordering: .relaxed)
    lock.unlock()
  }

  /// Takes the top entry, or `nil` for an empty list.
  @usableFromInline
  borrowing func pop() -> Int? {
    lock.lock()
    defer { lock.unlock() }
    let top = head.load(ordering: .relaxed)
    if top == Self.none { return nil }
    head.store(next[Int(top)], ordering: .relaxed)
    entries.wrappingSubtract(1, ordering: .relaxed)
    return Int(top)
  }

  /// Puts `index`, which the caller popped, in front of `rest` in a chain that only it knows.
  @usableFromInline
  borrowing func link(_ index: Int, to rest: UInt32) {
    next[index] = rest
  }

  /// Puts a whole chain made with `link` on top.
  @usableFromInline
  borrowing func push(chain: UInt32) {
    var top = chain
    while top != Self.none {
      let rest = next[Int(top)]
      push(Int(top))
      top = rest
    }
  }
}
