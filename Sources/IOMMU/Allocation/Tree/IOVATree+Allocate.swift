extension IOVATree {
  /// Hands out the run that a search down from the last placed one finds.
  ///
  /// - Complexity: linear in the runs in use at worst; O(log n) where the place below the last run
  ///   is free.
  /// - Throws: ``IOVAAllocationError/impossible(pages:limit:)`` for a request that an empty tree
  ///   could not meet; ``IOVAAllocationError/exhausted(pages:limit:)`` where the search fails or no
  ///   node is left. As in Linux, a failed search makes requests below 4 GiB of as many pages or
  ///   more fail at once until something below 4 GiB is freed, even if the failed one had a lower
  ///   limit. Nothing else changes.
  /// - Context: any processor. Allocates: never.
  public borrowing func allocate(
    _ request: IOVARequest, on cpu: CPUIndex
  ) throws(IOVAAllocationError) -> IOVARange {
    guard let wanted = PageRequest(request, aperture: aperture, granule: granule),
      canEverMeet(wanted, pages: wanted.pages)
    else { throw .impossible(pages: request.pages, limit: request.limit) }
    guard let page = take(wanted.pages, alignmentMask: wanted.alignmentMask, below: wanted.end)
    else { throw .exhausted(pages: request.pages, limit: request.limit) }
    return IOVARange(knownPage: page, count: wanted.pages, of: granule)
  }

  /// Whether an empty tree has an aligned run of `pages` pages for the request.
  borrowing func canEverMeet(_ wanted: PageRequest, pages: UInt64) -> Bool {
    if pages > wanted.end &- firstPage { return false }
    let mask = wanted.alignmentMask | Self.naturalAlignmentMask(pages)
    return (wanted.end &- pages) & ~mask >= firstPage
  }

  /// One less than `pages` rounded up to a power of two.
  static func naturalAlignmentMask(_ pages: UInt64) -> UInt64 {
    pages <= 1 ? 0 : UInt64.max &>> UInt64((pages &- 1).leadingZeroBitCount)
  }

  /// Finds and marks a run of `pages` pages below page `end`, or gives `nil`.
  ///
  /// Source: `__alloc_and_insert_iova_range`. Context: any processor; takes the lock.
  borrowing func take(_ pages: UInt64, alignmentMask: UInt64, below end: UInt64) -> UInt64? {
    let mask = alignmentMask | Self.naturalAlignmentMask(pages)
    lock.lock()
    defer { lock.unlock() }
    if !tree.hasFreeNode { return nil }
    let isLow = end <= end32
    if isLow && pages >= cursor[0].refusedBelow4GiB { return nil }

    let start = isLow ? cursor[0].low : cursor[0].wide
    var gap = searchDown(from: start, below: end, floor: firstPage, pages: pages, mask: mask)
    let passedOver = tree.last(of: start)
    if gap == nil && passedOver < end {
      gap = searchDown(
        from: isLow ? tree.lowest(reaching: end) : PageTree.anchor,
        below: end, floor: passedOver &+ 1, pages: pages, mask: mask)
    }
    guard let gap else {
      cursor[0].refusedBelow4GiB = pages
      return nil
    }

    let last = gap.page &+ pages &- 1
    let node = tree.insert(first: gap.page, last: last, below: gap.above)
    if last < end32 { cursor[0].low = node } else { cursor[0].wide = node }
    return gap.page
  }

  /// The highest aligned run in the gaps below `start` and page `end` that starts at `floor` or
  /// above, with the run right above it.
  private borrowing func searchDown(
    from start: PageTree.Node, below end: UInt64, floor: UInt64, pages: UInt64, mask: UInt64
  ) -> (page: UInt64, above: PageTree.Node)? {
    var above = start
    var ceiling = end
    while true {
      ceiling = min(ceiling, tree.first(of: above))
      if ceiling < pages { return nil }
      let page = (ceiling &- pages) & ~mask
      if page < floor { return nil }
      let below = tree.previous(above)
      if below == PageTree.none || page > tree.last(of: below) { return (page, above) }
      above = below
    }
  }
}
