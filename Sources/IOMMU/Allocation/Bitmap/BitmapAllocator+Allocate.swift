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
  public borrowing func allocate(
    _ request: IOVARequest, on cpu: CPUIndex
  ) throws(IOVAAllocationError) -> IOVARange {
    lock.lock()
    defer { lock.unlock() }
    if let index = takeNext(request) {
      return IOVARange(
        knownPage: basePage &+ index, count: request.pages.rawValue, of: granule)
    }
    return try searchAndTake(request)
  }

  /// Takes the pages right at ``BitmapState/nextPage`` if they lie in one word and are free.
  ///
  /// This finds what the full search would find first, or changes nothing.
  @inlinable
  borrowing func takeNext(_ request: IOVARequest) -> UInt64? {
    let next = state[0].nextPage
    let pages = request.pages.rawValue
    let bit = next & 63
    if state[0].isWrapped || pages == 0 || pages > 64 &- bit { return nil }
    if request.alignmentLog2 != 0 || request.limit < aperture.last { return nil }
    if next &+ pages >= pageCount { return nil }
    let mask = request.boundaryMask
    if mask & (mask &+ 1) != 0 || mask < granule.byteCount &- 1 { return nil }
    let first = basePage &+ next
    if (first ^ (first &+ pages &- 1)) & ~(mask &>> UInt64(granule.log2)) != 0 { return nil }
    let run = (UInt64.max &>> (64 &- pages)) &<< bit
    let word = Int(truncatingIfNeeded: next &>> 6)
    if busy[word] & run != 0 { return nil }
    busy[word] |= run
    state[0].nextPage = next &+ pages
    state[0].wordsScanned &+= 2
    return next
  }

  /// Searches as Linux's `dma_alloc_address` does; the lock is held.
  @usableFromInline
  borrowing func searchAndTake(
    _ request: IOVARequest
  ) throws(IOVAAllocationError) -> IOVARange {
    let pages = request.pages
    guard let wanted = PageRequest(request, aperture: aperture, granule: granule),
      wanted.firstCandidate(from: basePage) &+ wanted.pages < wanted.end
    else { throw .impossible(pages: pages, limit: request.limit) }

    if !state[0].isWrapped {
      if let index = find(wanted, from: state[0].nextPage) { return take(index, wanted) }
      if mode == .lazy { throw askForInvalidation(pages) }
    }
    state[0].isWrapped = false
    if let index = find(wanted, from: 0) { return take(index, wanted) }
    // Pages retired while the invalidation was under way: one more can free them.
    if state[0].stalePages > 0 { throw askForInvalidation(pages) }
    throw .exhausted(pages: pages, limit: request.limit)
  }

  /// Notes that the next invalidation to begin ends with a search from the first page.
  private borrowing func askForInvalidation(_ pages: PageCount) -> IOVAAllocationError {
    if state[0].wrapEpoch == 0 { state[0].wrapEpoch = state[0].lastEpoch &+ 1 }
    return .needsInvalidation(pages: pages)
  }

  /// Marks a run as busy and goes on behind it next time.
  private borrowing func take(_ index: UInt64, _ wanted: PageRequest) -> IOVARange {
    var run = WordRun(first: index, count: wanted.pages)
    while let piece = run.next() { busy[piece.word] |= piece.mask }
    state[0].nextPage = index &+ wanted.pages
    return IOVARange(knownPage: basePage &+ index, count: wanted.pages, of: granule)
  }
}
