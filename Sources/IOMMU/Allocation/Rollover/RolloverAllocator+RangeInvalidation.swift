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
    let ticket = rangeTickets.wrappingAdd(1, ordering: .relaxed).newValue
    var total = 0
    if let pages = space.pages(of: range) {
      for number in chunkNumbers(of: pages) {
        let bits = space.bits(of: pages, inChunk: number)
        chunks[number].lock.lock()
        total += startCleaning(bits, inChunk: number, ticket: ticket)
        chunks[number].lock.unlock()
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
      chunks[number].lock.lock()
      if chunks[number].cleaner.load(ordering: .relaxed) == invalidation.ticket {
        finishCleaning(number, succeeded: succeeded)
        chunks[number].cleaner.store(0, ordering: .relaxed)
      }
      chunks[number].lock.unlock()
    }
  }

  private borrowing func startCleaning(
    _ bits: PageBits, inChunk number: Int, ticket: UInt64
  ) -> Int {
    reclaimIfFinished(number)
    if chunks[number].cleaner.load(ordering: .relaxed) != 0 { return 0 }
    let covered = chunks[number].state.stale.intersection(bits)
    if covered.isEmpty { return 0 }
    chunks[number].state.cleaning = covered
    chunks[number].cleaner.store(ticket, ordering: .relaxed)
    if chunks[number].state.waiting.isEmpty {
      // The next page retired here is the oldest of those that stay stale: its time is wanted.
      chunks[number].state.laterStale = RolloverChunkState.never
      chunks[number].state.openStamp = RolloverChunkState.never
    } else {
      chunks[number].state.laterStale = chunks[number].state.firstStale
    }
    return covered.count
  }

  /// A global invalidation may have come first and freed the pages: then `cleaning` is empty.
  private borrowing func finishCleaning(_ number: Int, succeeded: Bool) {
    let covered = chunks[number].state.cleaning
    chunks[number].state.cleaning = PageBits()
    if covered.isEmpty { return }
    if !succeeded {
      chunks[number].state.openStamp = chunks[number].state.stamp
      return
    }
    let remaining = chunks[number].state.stale.subtracting(covered)
    lists.lock.lock()
    if remaining.isEmpty {
      unlinkStale(number)
      chunks[number].state.forgetStale()
    } else {
      moveCount(of: number, pages: -covered.count)
      chunks[number].state.stale = remaining
      chunks[number].state.staleCount = UInt16(remaining.count)
      chunks[number].state.openStamp = chunks[number].state.stamp
      relinkLater(number)
    }
    chunks[number].state.busy = chunks[number].state.busy.subtracting(covered)
    lists.lock.unlock()
    trackFreed(number)
  }

  /// Moves a chunk whose oldest stale pages are gone to its place in the order of time.
  private borrowing func relinkLater(_ number: Int) {
    let list = Int(chunks[number].state.list)
    if lists.generation(of: list) != chunks[number].state.generation { return }
    lists.stale.unlink(number)
    chunks[number].state.firstStale = lists.insert(
      number, intoStale: list, time: chunks[number].state.laterStale)
  }
}
