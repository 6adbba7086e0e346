import Synchronization

extension RolloverAllocator {
  /// The number of pages that are stale now: no finished invalidation is known to cover them.
  ///
  /// It is exact while nobody retires or invalidates.
  ///
  /// Complexity: a visit to every chunk; with `countsStale` four words of each processor, no lock.
  public var stalePages: UInt64 {
    if !countsStale { return countStalePages() }
    var total = 0
    for list in 0..<RolloverLists.staleListCount {
      YieldPoint.reached(.load, shared.part(RolloverPart.moved))
      total += lists.moved[list].load(ordering: .relaxed)
      for slot in 0..<processors.count {
        YieldPoint.reached(.load, shared.part(RolloverPart.retired(slot)))
        let count = retired[slot, list].load(ordering: .relaxed) & 0xffff_ffff
        total += Int(count)
      }
    }
    return UInt64(max(total, 0))
  }

  private borrowing func countStalePages() -> UInt64 {
    var total = 0
    for number in 0..<chunkCount {
      chunks.lock(number)
      if !isFinished(number) { total += stalePages(ofChunk: number).count }
      chunks.unlock(number)
    }
    return UInt64(total)
  }

  /// The number of pages that are handed out now.
  ///
  /// Complexity: a visit to every chunk: for reports and tests. Exact while nobody else allocates.
  public var livePages: UInt64 {
    var total = 0
    for number in 0..<chunkCount {
      chunks.lock(number)
      total +=
        chunks[number].busy.subtracting(stalePages(ofChunk: number))
        .subtracting(openPages(ofChunk: number)).subtracting(runPages(ofChunk: number)).count
      chunks.unlock(number)
    }
    let permanent = permanentPages.load(ordering: .relaxed)
    return UInt64(total) - min(permanent, UInt64(total))
  }

  /// The words of 64 pages that ``staleNeighbourhood(of:limitPages:)`` has looked at.
  public var neighbourWords: UInt64 { turns[0].neighbourWords.load(ordering: .relaxed) }

  /// The range invalidations that were begun.
  public var rangeInvalidationsBegun: UInt64 { turns[0].ranges.load(ordering: .relaxed) }

  /// The number of global invalidations that have ended.
  public var globalInvalidations: UInt64 {
    flushTotal.load(ordering: .relaxed)
  }
}
