import Synchronization

/// Where in a range the pages lie that its invalidation is to free.
extension RolloverAllocator {
  /// The first run, from page `page` on, of pages that `invalidation` is to free, or `nil` where
  /// there is none; pages are numbered from address 0 on.
  ///
  /// A run ends with its chunk at the latest: the next one may follow without a gap. Pages that a
  /// global invalidation has freed meanwhile are left out. Complexity: a visit to a chunk, and to
  /// each further one without such a page. Context: between beginning and ending the invalidation.
  /// Allocates: never.
  borrowing func nextRun(
    of invalidation: RangeInvalidation, from page: UInt64
  ) -> ClosedRange<UInt64>? {
    let basePage = space.base >> UInt64(granule.log2)
    guard let pages = space.pages(of: invalidation.range) else { return nil }
    var from = max(page, basePage + pages.lowerBound) - basePage
    while from <= pages.upperBound {
      let base = from & ~255
      let bits = cleaningPages(ofChunk: Int(from >> 8), ticket: invalidation.ticket)
      let first = bits.firstPage(from: Int(from - base))
      if first < PageBits.capacity {
        let end = basePage + base + UInt64(bits.runEnd(from: first))
        return (basePage + base + UInt64(first))...(end - 1)
      }
      from = base + 256
    }
    return nil
  }

  /// Leaves the pages from page `page` on out of `invalidation`: they go on waiting.
  ///
  /// For an invalidation that is issued piece by piece, of which one failed: what was issued before
  /// becomes free when it ends. Complexity: a visit to each chunk from there on. Context: between
  /// beginning and ending the invalidation. Allocates: never.
  borrowing func giveUp(_ invalidation: RangeInvalidation, from page: UInt64) {
    guard let pages = space.pages(of: invalidation.range) else { return }
    let basePage = space.base >> UInt64(granule.log2)
    let first = max(page, basePage + pages.lowerBound) - basePage
    if first > pages.upperBound { return }
    for number in chunkNumbers(of: first...pages.upperBound) {
      let bits = space.bits(of: first...pages.upperBound, inChunk: number)
      chunks.lock(number)
      if chunks[cleanerOf: number].load(ordering: .relaxed) == invalidation.ticket {
        chunks[number].cleaning = chunks[number].cleaning.subtracting(bits)
        // Pages of before are among those that stay stale, so that their time stays the oldest.
        chunks[number].laterStale = chunks[number].firstStale
      }
      chunks.unlock(number)
    }
  }

  /// The pages of a chunk that the invalidation of that number is to free.
  private borrowing func cleaningPages(ofChunk number: Int, ticket: UInt64) -> PageBits {
    chunks.lock(number)
    defer { chunks.unlock(number) }
    if chunks[cleanerOf: number].load(ordering: .relaxed) != ticket { return PageBits() }
    // A global invalidation that has ended meanwhile leaves none.
    reclaimIfFinished(number)
    return chunks[number].cleaning
  }
}
