import Synchronization

/// Which stale pages are the oldest, and where they lie: for a policy that bounds their age.
extension RolloverAllocator {
  /// When the oldest page that is still stale was retired, or `nil` where none is.
  ///
  /// Pages that an invalidation under way covers are still stale. Exact as a rule; never later than
  /// the truth. It is earlier where a range invalidation took only a part of a chunk's stale pages,
  /// and where more than 16 chunks are retired into out of the order of time.
  /// Complexity: constant. Context: any processor. Allocates: never.
  public var oldestStale: Instant? {
    lists.lock.lock()
    defer { lists.lock.unlock() }
    var oldest: UInt64?
    for list in 0..<RolloverLists.staleListCount {
      guard let number = lists.stale.first(list) else { continue }
      oldest = min(oldest ?? .max, lists.stale.time(number))
    }
    guard let nanoseconds = oldest else { return nil }
    return Instant(nanoseconds: nanoseconds)
  }

  /// The window of stale pages around the oldest ones that no range invalidation has begun on.
  ///
  /// It holds stale pages of the chunk whose oldest was retired first, and not after `time` if one
  /// is given; it is widened over the chunks next to it while they have stale pages too, and over
  /// chunks without any where no more than `gap` pages lie between stale ones. It begins and ends
  /// with a stale page and spans `maxPages` at most, 1 or more. Beginning a range
  /// invalidation of it and ending it with success makes progress, so `while let span = …` ends.
  /// After a failure the same span comes again: the caller stops, or invalidates everything.
  /// Complexity: a visit to each chunk in the window, and to those in reach of `gap` beside it; a
  /// step for each chunk that a range invalidation has begun on. Context: any processor.
  /// Allocates: never.
  public borrowing func nextStaleSpan(
    olderThan time: Instant?, maxPages: PageCount, bridging gap: PageCount = PageCount(0)
  ) -> IOVARange? {
    let limit = max(maxPages.rawValue, 1)
    // A seed without waiting pages has just been freed or begun on, and is not offered again.
    for _ in 0..<chunkCount {
      guard let seed = oldestChunk(olderThan: time?.nanoseconds ?? .max) else { return nil }
      let bits = waitingPages(ofChunk: seed)
      if bits.isEmpty { continue }
      let base = UInt64(seed) << 8
      let first = base + UInt64(bits.firstPage(from: 0))
      var window = first...last(of: bits, base: base, below: first, spanning: limit)
      widenUp(&window, spanning: limit, bridging: gap.rawValue)
      widenDown(&window, spanning: limit, bridging: gap.rawValue)
      return space.range(fromPage: window.lowerBound, count: UInt64(window.count))
    }
    return nil
  }

  /// The chunk with the oldest stale pages that no range invalidation has begun on.
  private borrowing func oldestChunk(olderThan time: UInt64) -> Int? {
    lists.lock.lock()
    defer { lists.lock.unlock() }
    var oldest: Int?
    for list in 0..<RolloverLists.staleListCount {
      var next = lists.stale.first(list)
      // Relaxed, without the chunk's lock: it is looked at again under the lock.
      while let number = next, chunks[cleanerOf: number].load(ordering: .relaxed) != 0 {
        next = lists.stale.next(number)
      }
      guard let number = next, lists.stale.time(number) <= time else { continue }
      if let other = oldest, lists.stale.time(other) <= lists.stale.time(number) { continue }
      oldest = number
    }
    return oldest
  }

  /// The stale pages of a chunk that nobody is invalidating, none if anybody invalidates any.
  private borrowing func waitingPages(ofChunk number: Int) -> PageBits {
    chunks.lock(number)
    defer { chunks.unlock(number) }
    reclaimIfFinished(number)
    if chunks[cleanerOf: number].load(ordering: .relaxed) != 0 { return PageBits() }
    return stalePages(ofChunk: number)
  }

  /// The highest page of `bits` that is not too far from `first`, which is one of them.
  private func last(
    of bits: PageBits, base: UInt64, below first: UInt64, spanning limit: UInt64
  ) -> UInt64 {
    // Of the distance from `base`, at most 255 counts.
    let reach = Int(min(first - base + min(limit, 256) - 1, 255))
    return base + UInt64(bits.intersection(PageBits(from: 0, to: reach + 1)).lastPage)
  }

  private borrowing func widenUp(
    _ window: inout ClosedRange<UInt64>, spanning limit: UInt64, bridging bridge: UInt64
  ) {
    var number = Int(window.upperBound >> 8) + 1
    while number < chunkCount {
      let room = limit - UInt64(window.count)
      let base = UInt64(number) << 8
      let gap = base - window.upperBound - 1
      if room <= gap { return }
      let reach = PageBits(from: 0, to: Int(min(room - gap, 256)))
      let bits = waitingPages(ofChunk: number).intersection(reach)
      if bits.isEmpty {
        if gap + 256 > bridge { return }
      } else {
        window = window.lowerBound...(base + UInt64(bits.lastPage))
      }
      number += 1
    }
  }

  private borrowing func widenDown(
    _ window: inout ClosedRange<UInt64>, spanning limit: UInt64, bridging bridge: UInt64
  ) {
    var number = Int(window.lowerBound >> 8) - 1
    while number >= 0 {
      let room = limit - UInt64(window.count)
      let base = UInt64(number) << 8
      let gap = window.lowerBound - base - 256
      if room <= gap { return }
      let reach = PageBits(from: 256 - Int(min(room - gap, 256)), to: 256)
      let bits = waitingPages(ofChunk: number).intersection(reach)
      if bits.isEmpty {
        if gap + 256 > bridge { return }
      } else {
        window = (base + UInt64(bits.firstPage(from: 0)))...window.upperBound
      }
      number -= 1
    }
  }
}
