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
  /// of it. Complexity: on each side one step for 64 pages, until a twelfth of the limit is not
  /// stale; a lock for 256 with stale pages. Context: any processor. Allocates: never.
  public borrowing func staleNeighbourhood(
    of range: IOVARange, limitPages: PageCount
  ) -> IOVARange {
    guard let inner = space.pages(of: range), space.aperture.contains(range) else { return range }
    let size = inner.upperBound - inner.lowerBound + 1
    if size >= limitPages.rawValue { return range }
    var look = StretchLook()
    let room = limitPages.rawValue - size
    let first = stretchDown(from: inner.lowerBound, limit: room, &look)
    let last = stretchUp(from: inner.upperBound, limit: room - (inner.lowerBound - first), &look)
    turns[0].neighbourWords.wrappingAdd(look.words, ordering: .relaxed)
    return range.union(space.range(fromPage: first, count: last - first + 1))
  }

  /// Whether a page of `range` may be stale; never false where one is that was retired before.
  ///
  /// Complexity: one step for 64 pages, no lock. Context: any processor. Allocates: never.
  public borrowing func mayHaveStale(in range: IOVARange) -> Bool {
    guard let pages = space.pages(of: range) else { return false }
    var page = pages.lowerBound
    while page <= pages.upperBound {
      let high = min(page | 63, pages.upperBound)
      if stretchWord(of: page) & bits(from: page, to: high) != 0 { return true }
      page = high + 1
    }
    return false
  }

  /// The lowest page of the stretch below `edge`; `edge` itself where there is none.
  @inline(__always)
  private borrowing func stretchDown(
    from edge: UInt64, limit: UInt64, _ look: inout StretchLook
  ) -> UInt64 {
    let reach = min(limit, edge &- space.firstPage)
    let floor = edge &- reach
    var accepted = edge
    var next = edge
    var stale: UInt64 = 0
    // Of a longer stretch fewer than eleven twelfths would be stale, whatever lies beyond.
    while next > floor, (edge &- next &- stale) &* 12 <= reach {
      let page = next &- 1
      // The pages of this word from its start, or the floor, up to `page`.
      next = max(page & ~63, floor)
      let word = waitingWord(from: next, to: page, &look)
      if word == 0 { continue }
      let first = (page & ~63) &+ UInt64(word.trailingZeroBitCount)
      stale &+= UInt64(word.nonzeroBitCount)
      if (edge &- first) &* 11 <= stale &* 12 { accepted = first }
    }
    return accepted
  }

  /// The highest page of the stretch above `edge`; `edge` itself where there is none.
  @inline(__always)
  private borrowing func stretchUp(
    from edge: UInt64, limit: UInt64, _ look: inout StretchLook
  ) -> UInt64 {
    let reach = min(limit, space.lastPage &- edge)
    let ceiling = edge &+ reach
    var accepted = edge
    var next = edge
    var stale: UInt64 = 0
    while next < ceiling, (next &- edge &- stale) &* 12 <= reach {
      let page = next &+ 1
      next = min(page | 63, ceiling)
      let word = waitingWord(from: page, to: next, &look)
      if word == 0 { continue }
      let last = (page | 63) &- UInt64(word.leadingZeroBitCount)
      stale &+= UInt64(word.nonzeroBitCount)
      if (last &- edge) &* 11 <= stale &* 12 { accepted = last }
    }
    return accepted
  }

  /// The stale pages of a part of a word that wait for an invalidation and could be begun on.
  @inline(__always)
  private borrowing func waitingWord(
    from low: UInt64, to high: UInt64, _ look: inout StretchLook
  ) -> UInt64 {
    look.words &+= 1
    let mask = bits(from: low, to: high)
    // In flight, or not handed out, as most are: no need to ask what the chunk waits for.
    let word = stretchWord(of: low) & mask
    if word == 0 { return 0 }
    if low &>> 8 != look.chunk {
      look.chunk = low &>> 8
      look.isWaiting = isWaiting(chunk: Int(look.chunk))
    }
    return look.isWaiting ? stretchWord(of: low) & mask : 0
  }

  /// The bits of pages of one word.
  @inline(__always)
  private borrowing func bits(from low: UInt64, to high: UInt64) -> UInt64 {
    (UInt64.max &<< (low & 63)) & (UInt64.max &>> (63 &- (high & 63)))
  }

  /// The stale pages of the word of `page`.
  @inline(__always)
  private borrowing func stretchWord(of page: UInt64) -> UInt64 {
    YieldPoint.reached(.load, shared.part(RolloverPart.chunk(Int(page >> 8))))
    return chunks[staleOf: Int(page >> 6)].load(ordering: .acquiring)
  }

  /// Whether the stale pages of a chunk wait for an invalidation that nobody has begun.
  @inline(never)
  private borrowing func isWaiting(chunk number: Int) -> Bool {
    chunks.lock(number)
    defer { chunks.unlock(number) }
    return chunks[cleanerOf: number].load(ordering: .relaxed) == 0 && !isFinished(number)
  }
}

/// What a look at a neighbourhood has at hand: what it knows of a chunk, and the words it took.
private struct StretchLook {
  var chunk: UInt64 = .max
  var isWaiting = false
  var words: UInt64 = 0
}
