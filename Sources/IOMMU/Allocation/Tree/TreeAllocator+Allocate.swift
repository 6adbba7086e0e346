extension TreeAllocator {
  /// Hands out a run from the processor's magazines, else from the tree.
  ///
  /// The first page is aligned to the size rounded up to a power of two; below 32 pages that many
  /// are taken.
  /// - Complexity: O(1) from a magazine; otherwise linear in the runs in use at worst, and once
  ///   more after giving every cached run back to the tree.
  /// - Throws: ``IOVAAllocationError/impossible(pages:limit:)`` for a request that an empty tree
  ///   could not meet; ``IOVAAllocationError/exhausted(pages:limit:)`` where the search fails or no
  ///   node is left, see ``IOVATree/allocate(_:on:)``. Cached runs are in the tree's hands then,
  ///   and newer kernels do not try below 4 GiB any more; what is in use stays as it was.
  /// - Context: any processor. Allocates: never.
  @inlinable
  public borrowing func allocate(
    _ request: IOVARequest, on cpu: CPUIndex
  ) throws(IOVAAllocationError) -> IOVARange {
    if let page = takeTop(request, on: cpu) {
      return IOVARange(knownPage: page, count: request.pages.rawValue, of: granule)
    }
    return try allocateSlowly(request, on: cpu)
  }

  /// The page on top of the loaded magazine if it meets the request; else `nil` and no change.
  @inlinable
  borrowing func takeTop(_ request: IOVARequest, on cpu: CPUIndex) -> UInt64? {
    let pages = request.pages.rawValue
    if pages == 0 { return nil }
    guard let sizeClass = MagazineCache.sizeClass(of: pages) else { return nil }
    if Int(request.alignmentLog2) > sizeClass { return nil }
    let shift = UInt64(granule.log2)
    let size: UInt64 = 1 &<< UInt64(sizeClass)
    let mask = request.boundaryMask
    if mask & (mask &+ 1) != 0 || mask < (size &<< shift) &- 1 { return nil }
    let limit = min(request.limit, aperture.last)
    let last = (dmaLimit.firstTry(for: limit) ?? limit).rawValue
    if last == .max { return nil }
    let end = (last &+ 1) &>> shift
    if end < size { return nil }
    return cache.takeTop(sizeClass, notAbove: end &- size, on: cpu)
  }

  /// Everything but the top of the loaded magazine.
  @usableFromInline
  borrowing func allocateSlowly(
    _ request: IOVARequest, on cpu: CPUIndex
  ) throws(IOVAAllocationError) -> IOVARange {
    guard let wanted = PageRequest(request, aperture: aperture, granule: granule),
      tree.canEverMeet(wanted, pages: MagazineCache.roundedUp(wanted.pages))
    else { throw .impossible(pages: request.pages, limit: request.limit) }

    if let lower = dmaLimit.firstTry(for: min(request.limit, aperture.last)) {
      let end = (lower.rawValue &+ 1) &>> UInt64(granule.log2)
      if let page = take(wanted, below: end, on: cpu) {
        return IOVARange(knownPage: page, count: wanted.pages, of: granule)
      }
      dmaLimit.firstTryFailed()
    }
    if let page = take(wanted, below: wanted.end, on: cpu) ?? retake(wanted) {
      return IOVARange(knownPage: page, count: wanted.pages, of: granule)
    }
    throw .exhausted(pages: request.pages, limit: request.limit)
  }

  /// A run below page `end` from the caches, else from the tree: the first half of
  /// `alloc_iova_fast`.
  private borrowing func take(
    _ wanted: PageRequest, below end: UInt64, on cpu: CPUIndex
  ) -> UInt64? {
    let size = MagazineCache.roundedUp(wanted.pages)
    if end < size { return nil }
    // Cached runs are aligned to their size and no further.
    if let sizeClass = MagazineCache.sizeClass(of: size), wanted.alignmentMask < size,
      let page = cache.take(sizeClass, notAbove: end &- size, on: cpu)
    {
      return page
    }
    return tree.take(size, alignmentMask: wanted.alignmentMask, below: end)
  }

  /// A run from the tree once all that is cached has been given back: the second half.
  private borrowing func retake(_ wanted: PageRequest) -> UInt64? {
    cache.emptyAll(into: tree)
    return tree.take(
      MagazineCache.roundedUp(wanted.pages), alignmentMask: wanted.alignmentMask,
      below: wanted.end)
  }
}
