import Synchronization

/// Runs of pages that ranges are handed out from, one behind the other, without a lock.
///
/// A run is *open* while a processor hands out from it: its pages were taken out of their chunk, as
/// if they were live, and the processor's word tells which are left. Taking some is a
/// compare-and-exchange, as with words of single pages: whoever takes pages off a run has pages
/// that were free, be it still the run that was looked at or another of the same pages.
extension RolloverAllocator {
  /// Several pages from the processor's open run, or from one that is opened for them.
  ///
  /// For requests without alignment. Complexity: constant, or that of ``openRun(pages:slot:)``.
  /// `nil` where no list leads to a run of that length, and where limits or borders are in the way.
  @usableFromInline
  @inline(never)
  borrowing func takeRange(_ request: IOVARequest, on cpu: CPUIndex) -> IOVARange? {
    takeNextRun(request, on: cpu) ?? takeFromNewRun(request, on: cpu)
  }

  /// The lowest pages left in the processor's open run, where there are enough and the request's
  /// limits allow them.
  @inline(__always)
  private borrowing func takeNextRun(_ request: IOVARequest, on cpu: CPUIndex) -> IOVARange? {
    YieldPoint.reached(.load, shared.part(RolloverPart.current(slot(of: cpu))))
    let open = OpenRun(rawValue: processors[slot(of: cpu)].run.load(ordering: .relaxed))
    let pages = request.pages.rawValue
    if pages &- 1 >= open.count { return nil }
    let range = space.range(fromPage: open.page, count: pages)
    if range.last > request.limit { return nil }
    if (range.first.rawValue ^ range.last.rawValue) & ~request.boundaryMask != 0 { return nil }
    YieldPoint.reached(.store, shared.part(RolloverPart.current(slot(of: cpu))))
    // Acquiring pairs with the exchange that opened the run: an invalidation has covered what was
    // stale in it.
    let (isMine, _) = processors[slot(of: cpu)].run.compareExchange(
      expected: open.rawValue, desired: open.dropping(pages).rawValue, ordering: .acquiring)
    return isMine ? range : nil
  }

  /// A range from a run that is opened for it; `nil` too where not every such run would do.
  private borrowing func takeFromNewRun(_ request: IOVARequest, on cpu: CPUIndex) -> IOVARange? {
    let pages = request.pages.rawValue
    if pages &- 1 >= UInt64(PageBits.capacity) || request.limit < aperture.last { return nil }
    let chunkMask = space.pageMask &<< 8 | 255
    if chunkMask & ~request.boundaryMask != 0 { return nil }
    let slot = slot(of: cpu)
    guard
      let page = openCurrentRun(pages: Int(pages), slot: slot)
        ?? openRun(pages: Int(pages), slot: slot)
    else { return nil }
    return space.range(fromPage: page, count: pages)
  }

  /// Takes the first pages of a run behind the cursor of the processor's current chunk, if it has
  /// one; the rest of it becomes the open run as below.
  ///
  /// So ranges lie beside the single pages that are mapped at the same time, and one instruction
  /// announces both. Complexity: a visit to that chunk.
  private borrowing func openCurrentRun(pages: Int, slot: Int) -> UInt64? {
    YieldPoint.reached(.load, shared.part(RolloverPart.current(slot)))
    let number = processors[slot].current.load(ordering: .relaxed)
    if number == chunkCount { return nil }
    if processors[slot].room.load(ordering: .relaxed) <= pages { return nil }
    let open = OpenRun(rawValue: processors[slot].run.load(ordering: .relaxed))
    chunks.lock(number)
    reclaimIfFinished(number)
    let free = chunks[number].free
    var first = free.firstPage(from: Int(chunks[number].cursor))
    var end = first
    while first < PageBits.capacity {
      end = free.runEnd(from: first)
      if end - first >= pages { break }
      first = free.firstPage(from: end)
    }
    if first == PageBits.capacity {
      chunks.unlock(number)
      YieldPoint.reached(.store, shared.part(RolloverPart.current(slot)))
      processors[slot].room.store(pages, ordering: .relaxed)
      return nil
    }
    if end - first <= Int(open.count) + pages { end = first + pages }
    chunks[number].busy.insert(first..<end)
    chunks[number].cursor = UInt16(end)
    followSummary(number)
    chunks.unlock(number)
    let page = UInt64(number) << 8 | UInt64(first)
    openRest(of: page, pages: pages, count: end - first, slot: slot)
    return page
  }

  /// Opens what is left of a run of `count` pages without the first `pages` of it.
  private borrowing func openRest(of page: UInt64, pages: Int, count: Int, slot: Int) {
    if count == pages { return }
    exchangeRun(for: OpenRun(page: page + UInt64(pages), count: UInt64(count - pages)), slot: slot)
  }

  /// Takes the first pages of the longest run of a chunk that the lists lead to; the rest of it
  /// becomes the processor's open run if it is longer than what is left of that.
  ///
  /// Complexity: a visit to a chunk, and to three at most that an invalidation has freed since and
  /// that turn out to have less. `nil` where no list leads to a run of that length.
  borrowing func openRun(pages: Int, slot: Int) -> UInt64? {
    var visits = 0
    YieldPoint.reached(.load, shared.part(RolloverPart.current(slot)))
    let open = OpenRun(rawValue: processors[slot].run.load(ordering: .relaxed))
    while let number = lockRunChunk(pages: pages, visits: visits) {
      visits += 1
      let (run, mustSweep) = takeRun(
        ofChunk: number, pages: pages, allAbove: Int(open.count) + pages)
      if run.isEmpty { continue }
      let page = UInt64(number) << 8 | UInt64(run.lowerBound)
      openRest(of: page, pages: pages, count: run.count, slot: slot)
      if mustSweep { sweep() }
      return page
    }
    return nil
  }

  /// Takes `pages` pages at the start of the longest run of a chunk that is on no list, or all of
  /// it if it has more than `most`, and puts the chunk back; empty where there are fewer.
  ///
  /// Tells too whether it is time to ``sweep()``. Context: the chunk's and the lists' lock, which
  /// are given back: one visit to the lists for each run.
  private borrowing func takeRun(
    ofChunk number: Int, pages: Int, allAbove most: Int
  ) -> (run: Range<Int>, mustSweep: Bool) {
    freeFinished(number)
    let (longest, second) = chunks[number].free.longestRuns
    var run = longest.lowerBound..<longest.lowerBound
    var left = longest.count
    if longest.count >= pages {
      run = longest.count <= most ? run.lowerBound..<(run.lowerBound + pages) : longest
      chunks[number].busy.insert(run)
      left = second ?? chunks[number].free.longestRun.count
      // What is left of the run may be the longest.
      left = max(left, longest.upperBound &- run.upperBound)
    }
    noteVisit(found: !run.isEmpty)
    let isKnown = chunks[number].isSummarised
    if run.isEmpty ? isCrowded && !isKnown : isCrowded || isKnown {
      summarise(number, longestFree: left)
    }
    updateTracking(number, longestFree: left)
    let mustSweep = mustSweep
    lists.lock.unlock()
    chunks.unlock(number)
    return (run, mustSweep)
  }

  /// Makes a run the processor's open one, and gives back what was left of the one before.
  ///
  /// The exchange hands each run to one thread, even if two name the same processor. True where
  /// anything was left.
  @discardableResult
  private borrowing func exchangeRun(for run: OpenRun, slot: Int) -> Bool {
    YieldPoint.reached(.store, shared.part(RolloverPart.current(slot)))
    let old = OpenRun(
      rawValue: processors[slot].run.exchange(run.rawValue, ordering: .acquiringAndReleasing))
    if old.count == 0 { return false }
    chunks.lock(old.chunk)
    chunks[old.chunk].busy.remove(old.pagesOfChunk)
    trackFreed(old.chunk, around: old.pagesOfChunk.lowerBound)
    chunks.unlock(old.chunk)
    return true
  }

  /// Closes every processor's run; true where pages came back.
  ///
  /// Complexity: a visit to each processor's run. For the searches, which have to see each free
  /// page.
  borrowing func closeRuns() -> Bool {
    var found = false
    for slot in 0..<processors.count {
      YieldPoint.reached(.load, shared.part(RolloverPart.current(slot)))
      if OpenRun(rawValue: processors[slot].run.load(ordering: .relaxed)).count == 0 { continue }
      if exchangeRun(for: OpenRun(rawValue: 0), slot: slot) { found = true }
    }
    return found
  }

  /// The pages of a chunk that lie in open runs.
  ///
  /// Complexity: a look at each processor.
  borrowing func runPages(ofChunk number: Int) -> PageBits {
    var result = PageBits()
    for slot in 0..<processors.count {
      YieldPoint.reached(.load, shared.part(RolloverPart.current(slot)))
      let run = OpenRun(rawValue: processors[slot].run.load(ordering: .relaxed))
      if run.count != 0, run.chunk == number { result.insert(run.pagesOfChunk) }
    }
    return result
  }
}
