extension BitmapAllocator {
  /// Hands out the first run that fits, from where the last one ended.
  ///
  /// The last page of the aperture, or of the part below the request's limit, is never handed out,
  /// because Linux's `iommu_area_alloc` (lib/iommu-helper.c) searches one page less than it is
  /// told.
  ///
  /// - Complexity: O(1) where the next pages of the same word are free; otherwise linear in the
  ///   64-page words of the aperture.
  /// - Throws: ``IOVAAllocationError/impossible(pages:limit:)`` for a request that an empty
  ///   aperture could not meet; ``IOVAAllocationError/needsInvalidation(pages:)`` in lazy mode
  ///   whenever the end is reached, stale pages or not, because Linux invalidates then without
  ///   looking; ``IOVAAllocationError/exhausted(pages:limit:)`` when the search from the first page
  ///   has failed, too, and nothing is stale. Maps and the place to go on from stay as they were.
  /// - Context: any processor. Allocates: never.
  @inlinable
  @inline(__always)
  public borrowing func allocate(
    _ request: IOVARequest, on cpu: CPUIndex
  ) throws(IOVAAllocationError) -> IOVARange {
    lock.lock()
    if let index = takeNext(request) {
      lock.unlock()
      return IOVARange(
        knownPage: basePage &+ index, count: request.pages.rawValue, of: granule)
    }
    return try searchAndUnlock(request)
  }

  /// Takes the pages right at ``BitmapState/nextPage`` if they lie in one word and are free.
  ///
  /// This finds what the full search would find first, or changes nothing.
  @inlinable
  @inline(__always)
  borrowing func takeNext(_ request: IOVARequest) -> UInt64? {
    let next = state.value.nextPage
    let pages = request.pages.rawValue
    let bit = next & 63
    if state.value.isWrapped { return nil }
    // None, or more than the word has from here on.
    if pages &- 1 >= 64 &- bit { return nil }
    if request.alignmentLog2 != 0 { return nil }
    if request.limit < aperture.last { return nil }
    if next &+ pages >= pageCount { return nil }
    let mask = request.boundaryMask
    if mask != .max {
      if mask & (mask &+ 1) != 0 { return nil }
      if mask < granule.byteCount &- 1 { return nil }
      let first = basePage &+ next
      if (first ^ (first &+ pages &- 1)) & ~(mask &>> UInt64(granule.log2)) != 0 { return nil }
    }
    let run = (UInt64.max &>> (64 &- pages)) &<< bit
    let word = Int(truncatingIfNeeded: next &>> 6)
    let before = busy[word]
    if before & run != 0 { return nil }
    busy[word] = before | run
    state.value.nextPage = next &+ pages
    state.value.wordsScanned &+= 2
    return next
  }

  /// Everything but the pages that come next; the lock is held, and given back.
  @usableFromInline
  @inline(never)
  borrowing func searchAndUnlock(
    _ request: IOVARequest
  ) throws(IOVAAllocationError) -> IOVARange {
    defer { lock.unlock() }
    if let index = takeNextWords(request) {
      return IOVARange(
        knownPage: basePage &+ index, count: request.pages.rawValue, of: granule)
    }
    return try searchAndTake(request)
  }

  /// Takes the pages right at ``BitmapState/nextPage`` if they lie in several words and are free,
  /// for a request that would take any.
  ///
  /// As ``takeNext(_:)``; counts the words that the search would have read.
  @inline(__always)
  private borrowing func takeNextWords(_ request: IOVARequest) -> UInt64? {
    let next = state.value.nextPage
    let pages = request.pages.rawValue
    let bit = next & 63
    if state.value.isWrapped { return nil }
    if pages <= 64 &- bit { return nil }
    if pages >= pageCount { return nil }
    if next &+ pages >= pageCount { return nil }
    if request.alignmentLog2 != 0 { return nil }
    if request.limit < aperture.last { return nil }
    if request.boundaryMask != .max { return nil }
    let run = WordRun(first: next, count: pages)
    if !busy.isClear(run, inverting: 0) { return nil }
    busy.set(run)
    state.value.nextPage = next &+ pages
    // One for the first free page, and all of them once more.
    state.value.wordsScanned &+= 2 &+ ((next &+ (pages &- 1)) &>> 6) &- (next &>> 6)
    return next
  }

  /// Searches as Linux's `dma_alloc_address` does; the lock is held.
  borrowing func searchAndTake(
    _ request: IOVARequest
  ) throws(IOVAAllocationError) -> IOVARange {
    let pages = request.pages
    guard let wanted = PageRequest(request, aperture: aperture, granule: granule),
      wanted.firstCandidate(from: basePage) &+ wanted.pages < wanted.end
    else { throw .impossible(pages: pages, limit: request.limit) }

    if !state.value.isWrapped {
      if let index = find(wanted, from: state.value.nextPage) { return take(index, wanted) }
      if mode == .lazy { throw askForInvalidation(pages) }
    }
    state.value.isWrapped = false
    if let index = find(wanted, from: 0) { return take(index, wanted) }
    // Pages retired while the invalidation was under way: one more can free them.
    if state.value.stalePages > 0 { throw askForInvalidation(pages) }
    throw .exhausted(pages: pages, limit: request.limit)
  }

  /// Notes that the next invalidation to begin ends with a search from the first page.
  private borrowing func askForInvalidation(_ pages: PageCount) -> IOVAAllocationError {
    if state.value.wrapEpoch == 0 { state.value.wrapEpoch = state.value.lastEpoch &+ 1 }
    return .needsInvalidation(pages: pages)
  }

  /// Marks a run as busy and goes on behind it next time.
  private borrowing func take(_ index: UInt64, _ wanted: PageRequest) -> IOVARange {
    busy.set(WordRun(first: index, count: wanted.pages))
    state.value.nextPage = index &+ wanted.pages
    return IOVARange(knownPage: basePage &+ index, count: wanted.pages, of: granule)
  }
}
