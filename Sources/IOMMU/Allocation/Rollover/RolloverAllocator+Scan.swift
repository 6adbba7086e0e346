import Synchronization

/// Searching all chunks: the exact answer when the lists lead to nothing.
extension RolloverAllocator {
  /// Whether the lists lead to every free page, so that a single one need not be searched for.
  borrowing func canTrustLists() -> Bool {
    lists.lock.lock()
    defer { lists.lock.unlock() }
    return listsAreComplete
  }

  /// Whether every chunk is on the lists that it belongs on; with the lists' lock held.
  private var listsAreComplete: Bool { lists.inTransit == 0 && !lists.isMixed }

  /// Whether stale pages could make room for `shape`, and how often stale pages have become free,
  /// both at one time; `nil` where one look at all chunks could tell, and so is no guess.
  borrowing func outlook(
    for shape: RunShape
  ) -> (invalidationHelps: Bool, reclaims: UInt64?) {
    if shape.isAnyPage {
      lists.lock.lock()
      let isTrusted = listsAreComplete
      let answer = (lists.hasStale, lists.reclaims)
      lists.lock.unlock()
      if isTrusted { return answer }
    }
    return (search(shape, from: 0, countingStale: true) != nil, nil)
  }

  /// A run from anywhere, across chunks if need be: from where the last one was, then from the
  /// start.
  ///
  /// Where the request has a limit, the chunk becomes the current one if it can: the next request
  /// with that limit is then met at once. Complexity: every chunk three times.
  borrowing func scan(_ shape: RunShape, slot: Int) -> UInt64? {
    YieldPoint.reached(.store, shared.part(RolloverPart.scan))
    let hint = scanStart.load(ordering: .relaxed)
    var found =
      search(shape, from: hint, countingStale: false)
      ?? search(shape, from: 0, countingStale: false)
    // What lies in open words and runs was not seen.
    if found == nil, closeEverything() { found = search(shape, from: 0, countingStale: false) }
    guard let page = found else { return nil }
    let number = Int((page + shape.pages - 1) >> 8)
    YieldPoint.reached(.store, shared.part(RolloverPart.scan))
    scanStart.store(number, ordering: .relaxed)
    if shape.lastPage < space.lastPage, takeOwnership(of: number) {
      chunks.lock(number)
      chunks[number].cursor = UInt16((page + shape.pages - 1) & 255) + 1
      chunks.unlock(number)
      makeCurrent(number, slot: slot)
    }
    return page
  }

  /// Looks at the chunks in order from `first`; takes the first run that fits, or only tells it.
  ///
  /// A run that somebody else takes a part of meanwhile is passed by, never tried again: each chunk
  /// is visited once, and once more for each run that is taken.
  private borrowing func search(
    _ shape: RunShape, from first: Int, countingStale: Bool
  ) -> UInt64? {
    let last = Int(shape.lastPage >> 8)
    // Where the run began that reached the end of the chunk before.
    var carried: UInt64?
    var next = nextBeginning(ofRun: shape.pages, from: first, to: last)
    while let number = next {
      let free = freePages(ofChunk: number, countingStale: countingStale)
      let base = UInt64(number) << 8
      var start = free.firstPage(from: 0)
      if start != 0 { carried = nil }
      while start < PageBits.capacity {
        let end = free.runEnd(from: start)
        let begin = start == 0 ? carried ?? base : base + UInt64(start)
        carried = end == PageBits.capacity ? begin : nil
        if let page = shape.start(from: begin), page + shape.pages <= base + UInt64(end) {
          if countingStale || claim(page...(page + shape.pages - 1)) { return page }
          carried = nil
        }
        start = free.firstPage(from: end)
      }
      next =
        carried != nil && number < last
        ? number + 1 : nextBeginning(ofRun: shape.pages, from: number + 1, to: last)
    }
    return nil
  }

  private borrowing func freePages(ofChunk number: Int, countingStale: Bool) -> PageBits {
    chunks.lock(number)
    defer { chunks.unlock(number) }
    reclaimIfFinished(number)
    _ = correctSummary(number)
    return countingStale ? availablePages(ofChunk: number) : chunks[number].free
  }

  /// Marks `pages` busy if every one of them is free; else nothing is changed.
  borrowing func claim(_ pages: ClosedRange<UInt64>) -> Bool {
    for number in chunkNumbers(of: pages) {
      let wanted = space.bits(of: pages, inChunk: number)
      chunks.lock(number)
      reclaimIfFinished(number)
      let isFree = chunks[number].free.isSuperset(of: wanted)
      if isFree { chunks[number].busy.formUnion(wanted) }
      chunks.unlock(number)
      if isFree { continue }
      let taken = UInt64(number) << 8
      if taken > pages.lowerBound { release(pages.lowerBound...(taken - 1)) }
      return false
    }
    return true
  }

  /// Makes an unowned chunk the caller's, who then makes it current or gives it up.
  private borrowing func takeOwnership(of number: Int) -> Bool {
    lists.lock.lock()
    defer { lists.lock.unlock() }
    if lists.owned[number] || number >= lists.nextVirgin { return false }
    lists.removeFree(number)
    lists.owned[number] = true
    lists.inTransit += 1
    return true
  }
}
