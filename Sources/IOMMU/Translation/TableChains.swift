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
    var chain = chains[Self.waiting]
    join(TableChain(index), to: &chain)
    chains[Self.waiting] = chain
    waitingTotal.store(chain.count, ordering: .relaxed)
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
    var chain = chains[Self.covered]
    join(added, to: &chain)
    chains[Self.covered] = chain
    coveredTotal.store(chain.count, ordering: .relaxed)
    lock.unlock()
  }

  /// Takes two that can be freed, or as many as there are.
  @usableFromInline
  borrowing func takeCovered() -> (Int?, Int?) {
    lock.lock()
    defer { lock.unlock() }
    var chain = chains[Self.covered]
    if chain.count == 0 { return (nil, nil) }
    let first = Int(chain.first)
    if chain.count <= 2 {
      let second = chain.count == 2 ? Int(chain.last) : nil
      chains[Self.covered] = TableChain()
      coveredTotal.store(0, ordering: .relaxed)
      return (first, second)
    }
    let second = Int(next[first])
    chain.first = next[second]
    chain.count &-= 2
    chains[Self.covered] = chain
    coveredTotal.store(chain.count, ordering: .relaxed)
    return (first, second)
  }

  /// Joins a chain that is not empty to another; the lock is held.
  @inline(__always)
  private borrowing func join(_ added: TableChain, to chain: inout TableChain) {
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
