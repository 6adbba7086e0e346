import Synchronization

/// Stale pages next to a range that is going to be invalidated for another reason.
extension RolloverAllocator {
  /// `range` widened over stale pages next to it, below it first, to `limitPages` pages at most.
  ///
  /// On each side the added stretch is the longest within the limit that ends with a stale page and
  /// of whose pages eleven twelfths or more are stale, judged at each border of 64 pages. Live
  /// pages next to the range, which are in flight, are crossed once enough stale ones lie beyond
  /// them: so covering stale pages here costs an eleventh more than covering them alone, at most.
  /// Pages that a range invalidation under way covers count as not stale. A range that is longer
  /// than the limit, or not in the aperture, comes back as it is; the ends of a widened one lie on
  /// page borders. Nothing changes by asking: begin a range invalidation of the result to make use
  /// of it. Complexity: one step for 64 pages of the limit, one lock for 256. Context: any
  /// processor. Allocates: never.
  public borrowing func staleNeighbourhood(
    of range: IOVARange, limitPages: PageCount
  ) -> IOVARange {
    guard let inner = space.pages(of: range), space.aperture.contains(range) else { return range }
    let size = inner.upperBound - inner.lowerBound + 1
    if size >= limitPages.rawValue { return range }
    var room = limitPages.rawValue - size
    let first = stretchDown(from: inner.lowerBound, limit: room)
    room -= inner.lowerBound - first
    let last = stretchUp(from: inner.upperBound, limit: room)
    return range.union(space.range(fromPage: first, count: last - first + 1))
  }

  /// The lowest page of the stretch below `edge`; `edge` itself where there is none.
  private borrowing func stretchDown(from edge: UInt64, limit: UInt64) -> UInt64 {
    let floor = edge - min(limit, edge - space.firstPage)
    var accepted = edge
    var next = edge
    var stale: UInt64 = 0
    var bits = PageBits()
    var loaded: UInt64 = .max
    while next > floor {
      let page = next - 1
      if page >> 8 != loaded {
        loaded = page >> 8
        bits = stretchPages(ofChunk: Int(loaded))
      }
      // The pages of this word from its start, or the floor, up to `page`.
      let low = max(page & ~63, floor)
      let mask = (UInt64.max << (low & 63)) & (UInt64.max >> (63 - (page & 63)))
      let word = bits.words[Int(page >> 6) & 3] & mask
      next = low
      if word == 0 { continue }
      let first = (page & ~63) + UInt64(word.trailingZeroBitCount)
      stale += UInt64(word.nonzeroBitCount)
      if (edge - first) * 11 <= stale * 12 { accepted = first }
    }
    turns[0].neighbourWords.wrappingAdd((edge - next + 63) >> 6, ordering: .relaxed)
    return accepted
  }

  /// The highest page of the stretch above `edge`; `edge` itself where there is none.
  private borrowing func stretchUp(from edge: UInt64, limit: UInt64) -> UInt64 {
    let ceiling = edge + min(limit, space.lastPage - edge)
    var accepted = edge
    var next = edge
    var stale: UInt64 = 0
    var bits = PageBits()
    var loaded: UInt64 = .max
    while next < ceiling {
      let page = next + 1
      if page >> 8 != loaded {
        loaded = page >> 8
        bits = stretchPages(ofChunk: Int(loaded))
      }
      let high = min(page | 63, ceiling)
      let mask = (UInt64.max << (page & 63)) & (UInt64.max >> (63 - (high & 63)))
      let word = bits.words[Int(page >> 6) & 3] & mask
      next = high
      if word == 0 { continue }
      let last = (page & ~63) + 63 - UInt64(word.leadingZeroBitCount)
      stale += UInt64(word.nonzeroBitCount)
      if (last - edge) * 11 <= stale * 12 { accepted = last }
    }
    turns[0].neighbourWords.wrappingAdd((next - edge + 63) >> 6, ordering: .relaxed)
    return accepted
  }

  /// The stale pages of a chunk that wait for an invalidation and could be begun on.
  private borrowing func stretchPages(ofChunk number: Int) -> PageBits {
    chunks.lock(number)
    defer { chunks.unlock(number) }
    let isHeld = chunks[cleanerOf: number].load(ordering: .relaxed) != 0
    return isFinished(number) || isHeld ? PageBits() : stalePages(ofChunk: number)
  }
}
