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
      canEverMeet(wanted.pages, alignmentMask: wanted.alignmentMask, below: wanted.end)
    else { throw .impossible(pages: request.pages, limit: request.limit) }
    guard let page = take(wanted.pages, alignmentMask: wanted.alignmentMask, below: wanted.end)
    else { throw .exhausted(pages: request.pages, limit: request.limit) }
    return IOVARange(knownPage: page, count: wanted.pages, of: granule)
  }

  /// Whether an empty tree has an aligned run of `pages` pages below page `end`, which lies above
  /// the first page.
  @inline(__always)
  borrowing func canEverMeet(_ pages: UInt64, alignmentMask: UInt64, below end: UInt64) -> Bool {
    if pages > end &- firstPage { return false }
    let mask = alignmentMask | Self.naturalAlignmentMask(pages)
    return (end &- pages) & ~mask >= firstPage
  }

  /// One less than `pages` rounded up to a power of two.
  @inline(__always)
  static func naturalAlignmentMask(_ pages: UInt64) -> UInt64 {
    pages <= 1 ? 0 : UInt64.max &>> UInt64((pages &- 1).leadingZeroBitCount)
  }

  /// Finds and marks a run of `pages` pages below page `end`, or gives `nil`.
  ///
  /// Source: `__alloc_and_insert_iova_range`. Context: any processor; takes the lock.
  @inline(__always)
  borrowing func take(_ pages: UInt64, alignmentMask: UInt64, below end: UInt64) -> UInt64? {
    let mask = alignmentMask | Self.naturalAlignmentMask(pages)
    lock.lock()
    defer { lock.unlock() }
    if !tree.hasFreeNode { return nil }
    let isLow = end <= end32
    if isLow && pages >= cursor.value.refusedBelow4GiB { return nil }

    let start = isLow ? cursor.value.low : cursor.value.wide
    var from = start
    var floor = firstPage
    var gap: TreeGap?
    while true {
      gap = searchDown(from: from, below: end, floor: floor, pages: pages, mask: mask)
      if gap != nil { break }
      // Once more, from the top down to where the first search began.
      let passedOver = tree.last(of: start)
      if floor != firstPage || passedOver >= end { break }
      floor = passedOver &+ 1
      from = isLow ? tree.lowest(reaching: end) : PageTree.anchor
    }
    guard let gap else {
      cursor.value.refusedBelow4GiB = pages
      return nil
    }

    let last = gap.page &+ pages &- 1
    let node = tree.insert(first: gap.page, last: last, below: gap.above)
    if last < end32 { cursor.value.low = node } else { cursor.value.wide = node }
    return gap.page
  }

  /// The highest aligned run in the gaps below `start` and page `end` that starts at `floor` or
  /// above, with the run right above it.
  @inline(__always)
  private borrowing func searchDown(
    from start: PageTree.Node, below end: UInt64, floor: UInt64, pages: UInt64, mask: UInt64
  ) -> TreeGap? {
    var above = start
    var ceiling = end
    var steps: UInt64 = 0
    defer { tree.countSteps(steps) }
    while true {
      ceiling = min(ceiling, tree.first(of: above))
      if ceiling < pages { return nil }
      let page = (ceiling &- pages) & ~mask
      if page < floor { return nil }
      let below = tree.previous(above, &steps)
      if below == PageTree.none { return TreeGap(page: page, above: above) }
      if page > tree.last(of: below) { return TreeGap(page: page, above: above) }
      above = below
    }
  }
}

/// Where a run fits.
private struct TreeGap {
  /// The run's first page.
  let page: UInt64
  /// The run right above it.
  let above: PageTree.Node
}
