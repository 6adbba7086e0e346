public import Synchronization

/// The unlinked leaf tables that nobody has in hand, in two chains, named by their spans.
///
/// Those that wait were unlinked and need an invalidation that begins later; those that are covered
/// have had it. Both are handed over whole, in constant time: so neither beginning an invalidation
/// nor ending one depends on how many there are. A span is in one chain at most.
/// Context: any processor, several at once. Allocates: never, after `init`.
@usableFromInline
struct TableChains: ~Copyable, Sendable {
  @usableFromInline let lock = SpinLock("unlinked tables", lines: 2)

  /// For each span of a chain: the next one of it.
  @usableFromInline let next: FixedStorage<UInt32>

  /// The two chains, at `waiting` and `covered`; behind the lock.
  @usableFromInline let chains: FixedStorage<TableChain>

  @usableFromInline let waitingTotal = Atomic<Int>(0)
  @usableFromInline let coveredTotal = Atomic<Int>(0)

  @inlinable static var waiting: Int { 0 }
  @inlinable static var covered: Int { 1 }

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
  ///
  /// Inlined, as this is for each table that becomes empty.
  @inlinable
  @inline(__always)
  borrowing func wait(_ index: Int) {
    lock.lock()
    join(TableChain(index), to: &chains[Self.waiting])
    waitingTotal.store(waitingCount &+ 1, ordering: .relaxed)
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

  /// Adds those of `added`, for which the invalidation has succeeded.
  @usableFromInline
  borrowing func cover(_ added: TableChain) {
    if added.count == 0 { return }
    lock.lock()
    join(added, to: &chains[Self.covered])
    coveredTotal.store(coveredCount &+ added.count, ordering: .relaxed)
    lock.unlock()
  }

  /// Takes two that can be freed, or as many as there are.
  ///
  /// Inlined, as this is for each table that becomes empty.
  @inlinable
  @inline(__always)
  borrowing func takeCovered() -> (Int?, Int?) {
    lock.lock()
    defer { lock.unlock() }
    let count = coveredCount
    if count == 0 { return (nil, nil) }
    let first = Int(chains[Self.covered].first)
    if count <= 2 {
      let second = count == 2 ? Int(chains[Self.covered].last) : nil
      chains[Self.covered] = TableChain()
      coveredTotal.store(0, ordering: .relaxed)
      return (first, second)
    }
    let second = Int(next[first])
    chains[Self.covered].first = next[second]
    chains[Self.covered].count = count &- 2
    coveredTotal.store(count &- 2, ordering: .relaxed)
    return (first, second)
  }

  /// Joins a chain that is not empty to another; the lock is held.
  @inlinable
  @inline(__always)
  borrowing func join(_ added: TableChain, to chain: inout TableChain) {
    if chain.count == 0 {
      chain = added
      return
    }
    next[Int(chain.last)] = added.first
    chain.last = added.last
    chain.count &+= added.count
    chain.lowest = min(chain.lowest, added.lowest)
    chain.highest = max(chain.highest, added.highest)
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
