public import Synchronization

/// The unlinked leaf tables that nobody has in hand, in two chains, named by their spans.
///
/// Those that wait were unlinked and need an invalidation that begins later; those that are covered
/// have had it. Both are handed over whole, in constant time: so neither beginning an invalidation
/// nor ending one depends on how many there are. A span is in one chain at most.
/// Context: any processor, several at once. Allocates: never, after `init`.
@usableFromInline
struct TableChains: ~Copyable, Sendable {
  private let lock = SpinLock("unlinked tables", lines: 2)

  /// For each span of a chain: the next one of it.
  private let next: FixedStorage<UInt32>

  /// The two chains, at `waiting` and `covered`; behind the lock.
  private let chains: FixedStorage<TableChain>

  @usableFromInline let waitingTotal = Atomic<Int>(0)
  @usableFromInline let coveredTotal = Atomic<Int>(0)

  private static var waiting: Int { 0 }
  private static var covered: Int { 1 }

  /// Two empty chains for the spans below `capacity`.
  @usableFromInline
  init(capacity: Int) {
    next = FixedStorage(count: capacity) { _ in IndexList.none }
    chains = FixedStorage(count: 2) { _ in TableChain() }
  }

  /// The number of tables that wait.
  @inlinable
  var waitingCount: Int { waitingTotal.load(ordering: .relaxed) }

  /// The number of tables that can be freed.
  @inlinable
  var coveredCount: Int { coveredTotal.load(ordering: .relaxed) }

  /// Adds the table of span `index`, which was just unlinked.
  @usableFromInline
  borrowing func wait(_ index: Int) {
    lock.lock()
    append(TableChain(index), to: Self.waiting)
    waitingTotal.store(chains[Self.waiting].count, ordering: .relaxed)
    lock.unlock()
  }

  /// Takes all that wait; an invalidation is to begin after this.
  @usableFromInline
  borrowing func takeWaiting() -> TableChain {
    lock.lock()
    defer { lock.unlock() }
    waitingTotal.store(0, ordering: .relaxed)
    let chain = chains[Self.waiting]
    chains[Self.waiting] = TableChain()
    return chain
  }

  /// Adds those of `chain`, for which the invalidation has succeeded.
  @usableFromInline
  borrowing func cover(_ chain: TableChain) {
    lock.lock()
    append(chain, to: Self.covered)
    coveredTotal.store(chains[Self.covered].count, ordering: .relaxed)
    lock.unlock()
  }

  /// Takes two that can be freed, or as many as there are.
  @usableFromInline
  borrowing func takeCovered() -> (Int?, Int?) {
    lock.lock()
    defer { lock.unlock() }
    let count = chains[Self.covered].count
    if count == 0 { return (nil, nil) }
    let first = Int(chains[Self.covered].first)
    if count <= 2 {
      let second = Int(chains[Self.covered].last)
      chains[Self.covered] = TableChain()
      coveredTotal.store(0, ordering: .relaxed)
      return (first, count == 2 ? second : nil)
    }
    let second = Int(next[first])
    chains[Self.covered].first = next[second]
    chains[Self.covered].count = count &- 2
    coveredTotal.store(count &- 2, ordering: .relaxed)
    return (first, second)
  }

  /// Joins a chain to another; the lock is held.
  private borrowing func append(_ chain: TableChain, to which: Int) {
    if chain.count == 0 { return }
    let count = chains[which].count
    if count == 0 {
      chains[which] = chain
      return
    }
    next[Int(chains[which].last)] = chain.first
    chains[which].last = chain.last
    chains[which].count = count &+ chain.count
    chains[which].lowest = min(chains[which].lowest, chain.lowest)
    chains[which].highest = max(chains[which].highest, chain.highest)
  }
}

/// Spans that follow each other in ``TableChains``.
@frozen
@usableFromInline
struct TableChain: Sendable, BitwiseCopyable {
  @usableFromInline var first = IndexList.none
  @usableFromInline var last = IndexList.none
  @usableFromInline var count = 0

  /// The least and the greatest of them.
  @usableFromInline var lowest = IndexList.none
  @usableFromInline var highest: UInt32 = 0

  @inlinable
  init() {}

  @inlinable
  init(_ index: Int) {
    first = UInt32(truncatingIfNeeded: index)
    last = first
    count = 1
    lowest = first
    highest = first
  }
}
