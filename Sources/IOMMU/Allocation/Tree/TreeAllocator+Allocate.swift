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
  @inline(__always)
  public borrowing func allocate(
    _ request: IOVARequest, on cpu: CPUIndex
  ) throws(IOVAAllocationError) -> IOVARange {
    if request.pages.rawValue == 1 {
      // Its end follows from its beginning, and its class is known.
      if let page = takeTop(request, 0, on: cpu) {
        let first = page &<< UInt64(granule.log2)
        return IOVARange(ordered: IOVA(first), IOVA(first | offsetMask))
      }
      return try allocateSlowly(request, on: cpu)
    }
    if let page = takeTop(request, on: cpu) {
      return IOVARange(knownPage: page, count: request.pages.rawValue, of: granule)
    }
    if request.pages.rawValue > 32 { return try allocateLarge(request, on: cpu) }
    return try allocateSlowly(request, on: cpu)
  }

  /// More pages than magazines take: at once from the tree, where any address will do.
  @usableFromInline
  @inline(never)
  borrowing func allocateLarge(
    _ request: IOVARequest, on cpu: CPUIndex
  ) throws(IOVAAllocationError) -> IOVARange {
    let pages = request.pages.rawValue
    if reachesBeyond32Bits { return try allocateSlowly(request, on: cpu) }
    if request.limit < aperture.last { return try allocateSlowly(request, on: cpu) }
    if request.boundaryMask != .max { return try allocateSlowly(request, on: cpu) }
    if request.alignmentLog2 != 0 { return try allocateSlowly(request, on: cpu) }
    if !tree.canEverMeet(pages, alignmentMask: 0, below: endPage) {
      throw .impossible(pages: request.pages, limit: request.limit)
    }
    guard
      let page = tree.take(pages, alignmentMask: 0, below: endPage)
        ?? retake(pages, alignmentMask: 0, below: endPage)
    else { throw .exhausted(pages: request.pages, limit: request.limit) }
    return IOVARange(knownPage: page, count: pages, of: granule)
  }

  /// The page on top of the loaded magazine if it meets the request; else `nil` and no change.
  @inlinable
  @inline(__always)
  borrowing func takeTop(_ request: IOVARequest, on cpu: CPUIndex) -> UInt64? {
    if request.pages.rawValue == 0 { return nil }
    guard let sizeClass = MagazineCache.sizeClass(of: request.pages.rawValue) else { return nil }
    return takeTop(request, sizeClass, on: cpu)
  }

  /// The same for a request of that class.
  @inlinable
  @inline(__always)
  borrowing func takeTop(
    _ request: IOVARequest, _ sizeClass: Int, on cpu: CPUIndex
  ) -> UInt64? {
    if Int(request.alignmentLog2) > sizeClass { return nil }
    let shift = UInt64(granule.log2)
    let size: UInt64 = 1 &<< UInt64(sizeClass)
    let mask = request.boundaryMask
    if mask != .max {
      if mask & (mask &+ 1) != 0 { return nil }
      if mask < (size &<< shift) &- 1 { return nil }
    }
    // All that is cached lies in the aperture; so only a lower limit has to be looked at.
    if !reachesBeyond32Bits {
      if request.limit >= aperture.last { return cache.takeTop(sizeClass, nil, on: cpu) }
    }
    let limit = min(request.limit, aperture.last)
    let last = (dmaLimit.firstTry(for: limit) ?? limit).rawValue
    let within = PageLimit(last: last, pages: size, granuleLog2: shift)
    return cache.takeTop(sizeClass, within, on: cpu)
  }

  /// Everything but the top of the loaded magazine.
  @usableFromInline
  @inline(never)
  borrowing func allocateSlowly(
    _ request: IOVARequest, on cpu: CPUIndex
  ) throws(IOVAAllocationError) -> IOVARange {
    let sizeClass = MagazineCache.sizeClass(of: request.pages.rawValue)
    let size = sizeClass.map { 1 &<< UInt64($0) } ?? request.pages.rawValue
    guard let wanted = PageRequest(request, aperture: aperture, granule: granule),
      tree.canEverMeet(size, alignmentMask: wanted.alignmentMask, below: wanted.end)
    else { throw .impossible(pages: request.pages, limit: request.limit) }

    // Cached runs are aligned to their size and no further.
    let cached = wanted.alignmentMask < size ? sizeClass : nil
    if let lower = dmaLimit.firstTry(for: min(request.limit, aperture.last)) {
      let end = (lower.rawValue &+ 1) &>> UInt64(granule.log2)
      if let page = take(wanted, size, cached, below: end, on: cpu) {
        return IOVARange(knownPage: page, count: wanted.pages, of: granule)
      }
      dmaLimit.firstTryFailed()
    }
    guard
      let page = take(wanted, size, cached, below: wanted.end, on: cpu)
        ?? retake(size, alignmentMask: wanted.alignmentMask, below: wanted.end)
    else { throw .exhausted(pages: request.pages, limit: request.limit) }
    return IOVARange(knownPage: page, count: wanted.pages, of: granule)
  }

  /// A run below page `end` from the caches, else from the tree: the first half of
  /// `alloc_iova_fast`.
  @inline(__always)
  private borrowing func take(
    _ wanted: PageRequest, _ size: UInt64, _ sizeClass: Int?, below end: UInt64, on cpu: CPUIndex
  ) -> UInt64? {
    if end < size { return nil }
    if let sizeClass, let page = cache.take(sizeClass, notAbove: end &- size, on: cpu) {
      return page
    }
    return takeFromTree(size, alignmentMask: wanted.alignmentMask, below: end)
  }

  @inline(never)
  private borrowing func takeFromTree(
    _ size: UInt64, alignmentMask: UInt64, below end: UInt64
  ) -> UInt64? {
    tree.take(size, alignmentMask: alignmentMask, below: end)
  }

  /// A run from the tree once all that is cached has been given back: the second half.
  @inline(never)
  private borrowing func retake(
    _ size: UInt64, alignmentMask: UInt64, below end: UInt64
  ) -> UInt64? {
    cache.emptyAll(into: tree)
    return takeFromTree(size, alignmentMask: alignmentMask, below: end)
  }
}
