import Synchronization

/// A range invalidation between its start and its end.
@frozen
public struct RangeInvalidation: Sendable, BitwiseCopyable {
  /// The addresses that it covers.
  public let range: IOVARange

  /// The number of stale pages that become free if it succeeds.
  public let pages: PageCount

  /// Which chunks are this invalidation's: those that carry its number.
  let ticket: UInt64

  /// An invalidation of nothing, which was never begun: no chunk carries its number.
  static var none: RangeInvalidation {
    RangeInvalidation(range: IOVARange(byte: IOVA(0)), pages: PageCount(0), ticket: 0)
  }
}

extension RolloverAllocator {
  /// Marks the start of an invalidation of `range`; issue it after this returned.
  ///
  /// It covers the stale pages that lie in `range` now. Those of a chunk that another range
  /// invalidation has begun on are left out: they stay stale. Every call needs its
  /// ``endRangeInvalidation(_:succeeded:)``. A global invalidation that finishes first frees the
  /// pages as well. Complexity: a visit to each chunk of the range. Context: any processor, several
  /// at once. Allocates: never. Invalidates: nothing by itself.
  public borrowing func beginRangeInvalidation(_ range: IOVARange) -> RangeInvalidation {
    let ticket = turns[0].ranges.wrappingAdd(1, ordering: .relaxed).newValue
    var total = 0
    if let pages = space.pages(of: range) {
      for number in chunkNumbers(of: pages) {
        let bits = space.bits(of: pages, inChunk: number)
        chunks.lock(number)
        total += startCleaning(bits, inChunk: number, ticket: ticket)
        chunks.unlock(number)
      }
    }
    return RangeInvalidation(range: range, pages: PageCount(UInt64(total)), ticket: ticket)
  }

  /// Says how a range invalidation ended: its pages become free, or go on waiting.
  ///
  /// Complexity: a visit to each chunk of the range, and the lists' lock for each that had stale
  /// pages. Context: any processor. Allocates: never.
  public borrowing func endRangeInvalidation(
    _ invalidation: RangeInvalidation, succeeded: Bool
  ) {
    guard let pages = space.pages(of: invalidation.range) else { return }
    for number in chunkNumbers(of: pages) {
      chunks.lock(number)
      if chunks[cleanerOf: number].load(ordering: .relaxed) == invalidation.ticket {
        finishCleaning(number, succeeded: succeeded)
        chunks[cleanerOf: number].store(0, ordering: .relaxed)
      }
      chunks.unlock(number)
    }
  }

  private borrowing func startCleaning(
    _ bits: PageBits, inChunk number: Int, ticket: UInt64
  ) -> Int {
    reclaimIfFinished(number)
    if chunks[cleanerOf: number].load(ordering: .relaxed) != 0 { return 0 }
    let stale = stalePages(ofChunk: number)
    let covered = stale.intersection(bits)
    if covered.isEmpty { return 0 }
    chunks[number].cleaning = covered
    chunks[cleanerOf: number].store(ticket, ordering: .relaxed)
    if stale.subtracting(covered).isEmpty {
      // The next page retired here is the oldest of those that stay stale: its time is wanted.
      chunks[number].laterStale = RolloverChunkState.never
      openRetiring(number, stamp: RolloverChunkState.never)
    } else {
      chunks[number].laterStale = chunks[number].firstStale
    }
    return covered.count
  }

  /// A global invalidation may have come first and freed the pages: then `cleaning` is empty.
  private borrowing func finishCleaning(_ number: Int, succeeded: Bool) {
    let covered = chunks[number].cleaning
    chunks[number].cleaning = PageBits()
    if covered.isEmpty { return }
    if !succeeded {
      openRetiring(number, stamp: chunks[number].stamp)
      return
    }
    lists.lock.lock()
    // As in `freeAllStale`: the stamp goes before the bits are looked at for the last time.
    openRetiring(number, stamp: RolloverChunkState.never)
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    if countsStale { moveCount(of: number, pages: -covered.count) }
    forgetRetiredRuns()
    if removeStale(covered, inChunk: number).isEmpty {
      unlinkStale(number)
      chunks[number].forgetStale()
    } else {
      openRetiring(number, stamp: chunks[number].stamp)
      relinkLater(number)
    }
    chunks[number].busy = chunks[number].busy.subtracting(covered)
    lists.reclaims += 1
    // With the lists' lock still held: who looks for stale pages must find these stale or free.
    let (isNeeded, longest) = needsTracking(number)
    if isNeeded { updateTracking(number, longestFree: longest) }
    lists.lock.unlock()
  }

  /// Moves a chunk whose oldest stale pages are gone to its place in the order of time.
  private borrowing func relinkLater(_ number: Int) {
    let list = Int(chunks[number].list)
    if lists.generation(of: list) != chunks[number].generation { return }
    lists.stale.unlink(number)
    chunks[number].firstStale = lists.insert(
      number, intoStale: list, time: chunks[number].laterStale)
  }
}
