import Synchronization

extension RolloverAllocator {
  /// Hands out a run of pages that meets `request`.
  ///
  /// One page comes from the processor's current chunk, above the one before; up to 256 come from
  /// its open run, or one that is opened in the next chunk that has room. Longer ranges come from
  /// untouched chunks; all may begin anywhere when nothing else is left.
  ///
  /// Complexity: constant, nearly always. When the current chunk or run is used up, a visit to a
  /// few chunks more. For up to 256 pages without a limit, where no list leads to a run: a visit to
  /// each processor's chunk, and a few queries of the tree of runs, each O(log chunks) and a visit
  /// to two chunks; in a time that turns from plenty to little room, to chunks that the tree does
  /// not know yet, once each. Ranges with a limit, aligned ones and longer ones: where no list
  /// leads to one, a visit to each chunk where one may begin, three times. That a single page
  /// without a limit cannot be had is known after a visit to each processor's chunk.
  /// Throws: `impossible` where no run of the aperture meets the request; `needsInvalidation` where
  /// one would if every stale page were free, and neither the lists nor a few looks led to one that
  /// is free now; `exhausted` where not even then. All three leave the state as it was. Where other
  /// processors free and take pages meanwhile, the answer holds for some state of each chunk during
  /// the call.
  /// Context: any processor. Allocates: never. Invalidates: nothing.
  @inlinable
  public borrowing func allocate(
    _ request: IOVARequest, on cpu: CPUIndex
  ) throws(IOVAAllocationError) -> IOVARange {
    if request.alignmentLog2 == 0 {
      if request.pages.rawValue == 1 {
        if let range = takeNextPage(request, on: cpu) { return range }
        if let range = openNextPage(request, on: cpu) { return range }
      } else if let range = takeRange(request, on: cpu) {
        return range
      }
    }
    return try allocateSlowly(request, on: cpu)
  }

  /// Every request that neither the open word nor a run can meet.
  @usableFromInline
  @inline(never)
  borrowing func allocateSlowly(
    _ request: IOVARequest, on cpu: CPUIndex
  ) throws(IOVAAllocationError) -> IOVARange {
    let isAnyPage = request.pages.rawValue == 1 && request.alignmentLog2 == 0 && takesAny(request)
    guard let shape = isAnyPage ? RunShape(anyPageOf: space) : RunShape(request, in: space) else {
      throw .impossible(pages: request.pages, limit: request.limit)
    }
    if shape.isAnyRun, !shape.isAnyPage {
      return try takeAnyRun(shape, request, slot: slot(of: cpu))
    }
    var reclaims: UInt64?
    while true {
      if let page = findRun(shape, slot: slot(of: cpu)) {
        return space.range(fromPage: page, count: shape.pages)
      }
      if !shape.isAnyPage || !canTrustLists(), let page = scan(shape, slot: slot(of: cpu)) {
        return space.range(fromPage: page, count: shape.pages)
      }
      let outlook = outlook(for: shape)
      if outlook.invalidationHelps {
        throw .needsInvalidation(pages: request.pages)
      }
      // Nothing is free and nothing stale, but those are two looks: what was stale at the first may
      // have been free by the second. Only where no page went that way is it the truth.
      if outlook.reclaims == reclaims {
        throw .exhausted(pages: request.pages, limit: request.limit)
      }
      reclaims = outlook.reclaims
    }
  }

  /// Takes a run, and returns its first page, trying the cheap places first.
  private borrowing func findRun(_ shape: RunShape, slot: Int) -> UInt64? {
    shape.pages > UInt64(PageBits.capacity)
      ? takeVirginChunks(shape) : takeFromCurrent(shape, slot: slot)
  }

  /// A run from the current chunk, or from a chunk that the lists offer, or from others' current
  /// chunks.
  private borrowing func takeFromCurrent(_ shape: RunShape, slot: Int) -> UInt64? {
    YieldPoint.reached(.load, shared.part(RolloverPart.current(slot)))
    let current = processors[slot].current.load(ordering: .relaxed)
    var room = 0
    // For any page `openNextPage` has just looked there.
    if !shape.isAnyPage,
      let page = take(shape, fromChunk: current, anywhere: false, room: &room)
    {
      return page
    }
    if let page = takeFromLists(shape, slot: slot, room: room) { return page }
    // What is left is in the hands of processors: not worth the steps where an invalidation helps.
    if shape.isAnyPage, processorsHoldLittle, hasStale { return nil }
    let hasClosed = closeEverything()
    if let page = takeFromAnyCurrent(shape, room: &room) { return page }
    return hasClosed ? takeFromLists(shape, slot: slot, room: room) : nil
  }

  /// A run from anywhere in some processor's current chunk.
  ///
  /// `room` becomes what the last of them has behind its cursor. Complexity: a visit to each.
  borrowing func takeFromAnyCurrent(_ shape: RunShape, room: inout Int) -> UInt64? {
    for index in 0..<processors.count {
      YieldPoint.reached(.load, shared.part(RolloverPart.current(index)))
      let current = processors[index].current.load(ordering: .relaxed)
      if let page = take(shape, fromChunk: current, anywhere: true, room: &room) { return page }
    }
    return nil
  }

  /// A run from one chunk, whoever owns it, behind its cursor or anywhere.
  ///
  /// `room` becomes the number of free pages behind the cursor.
  borrowing func take(
    _ shape: RunShape, fromChunk number: Int, anywhere: Bool, room: inout Int
  ) -> UInt64? {
    if number == chunkCount { return nil }
    chunks.lock(number)
    defer { chunks.unlock(number) }
    reclaimIfFinished(number)
    let free = chunks[number].free
    let cursor = Int(chunks[number].cursor)
    guard let page = shape.place(in: free, ofChunk: number, from: anywhere ? 0 : cursor) else {
      room =
        cursor == PageBits.capacity
        ? 0 : free.subtracting(PageBits(from: 0, to: cursor)).count
      return nil
    }
    occupy(number, from: page, shape, movingCursor: !anywhere)
    followSummary(number)
    return (UInt64(number) << 8) + UInt64(page)
  }

  /// Marks a run in a chunk whose lock is held.
  borrowing func occupy(_ number: Int, from page: Int, _ shape: RunShape, movingCursor: Bool) {
    let end = page + Int(shape.pages)
    chunks[number].busy.insert(page..<end)
    if movingCursor { chunks[number].cursor = UInt16(end) }
  }
}
