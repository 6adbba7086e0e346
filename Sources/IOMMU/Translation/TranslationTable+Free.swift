public import Synchronization

/// Giving the memory of unlinked tables back, once an invalidation has covered them.
extension TranslationTable {
  /// Notes that unlinked tables can be freed, which is done a few at a time from here on.
  ///
  /// An invalidation that covers the token's range began after the tables were unlinked, and has
  /// succeeded on every device that uses the table: nothing can walk them any more.
  /// - Complexity: constant. Context: any processor, several at once.
  @inlinable
  public borrowing func cover(_ tables: consuming UnlinkedTables) {
    precondition(tables.root == root, "unlinked tables of another translation table")
    if tables.count > 0 { chains.cover(tables.chain) }
  }

  /// Gives the memory of unlinked tables back at once.
  ///
  /// As for ``cover(_:)``; where other tables were covered before, as many of those are freed.
  /// - Complexity: one step for each table. Context: any processor, several at once.
  @inlinable
  public borrowing func free(_ tables: consuming UnlinkedTables) {
    let count = tables.count
    cover(tables)
    freeCovered(limit: count)
  }

  /// Gives the memory of up to `limit` covered tables back, rounded up to an even number; returns
  /// how many those were.
  /// - Complexity: one step for each table. Context: any processor, several at once.
  @inlinable
  @discardableResult
  public borrowing func freeCovered(limit: Int) -> Int {
    var freed = 0
    while freed < limit, chains.coveredCount > 0 {
      let (first, second) = chains.takeCovered()
      guard let first else { break }
      // Counts up before any memory is given back: a `LeafReader` relies on it. Each time, as what
      // is taken next may have been unlinked after the last time.
      YieldPoint.reached(.store, shared)
      freeEpoch.wrappingAdd(1, ordering: .acquiringAndReleasing)
      freeUnlinked(first)
      freed &+= 1
      if let second {
        freeUnlinked(second)
        freed &+= 1
      }
    }
    if freed > 0 { unlinkedTotal.wrappingSubtract(freed, ordering: .relaxed) }
    return freed
  }

  /// Gives the memory of the unlinked table of one span back.
  @inlinable
  borrowing func freeUnlinked(_ span: Int) {
    freeTable(PhysicalAddress(unlinked[span].load(ordering: .relaxed)), level: 0)
    // Releasing: who finds the place free may unlink the span's next table.
    YieldPoint.reached(.store, shared.part(span))
    unlinked[span].store(0, ordering: .releasing)
  }
}
