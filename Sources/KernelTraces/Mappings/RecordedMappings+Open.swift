extension RecordedMappings {
  /// Begins a mapping at this event and holds its place.
  ///
  /// Calls of one thread can nest, because an interrupt's calls carry the interrupted thread's
  /// number. A call that has had its refresh is over, though: its return was lost.
  ///
  /// Returns: the mapping's number.
  @discardableResult
  mutating func begin(_ telling: OpenMapping.Telling, _ event: TraceEvent) -> UInt64 {
    // An unmap is invalidated at once or together with others; never after the next map.
    if let unmap = lastUnmap, unmap.task == event.task { lastUnmap = nil }
    var index = 0
    while index < open.count {
      let isOver = open[index].task == event.task && !open[index].segments.isEmpty
      if isOver { close(index) } else { index += 1 }
    }
    var mapping = OpenMapping(
      mapping: mappingNext, telling: telling, task: event.task, timeLast: event.time)
    mappingNext += 1
    switch telling {
    case .pages: break
    case .call(let call): mapping.direction = call.direction
    case .scatterCall: mapping.isScatterGather = true
    }
    open.append(mapping)
    let placeholder = RecordedOperation.Kind.unmap(mapping: mapping.mapping, cause: .implied)
    waiting.append(
      WaitingOperations.Slot(
        operation: Self.operation(placeholder, event), open: mapping.mapping))
    return mapping.mapping
  }

  /// The place of an unfinished mapping, which changes as others are closed.
  func place(of mapping: UInt64) -> Int? {
    open.lastIndex { $0.mapping == mapping }
  }

  /// Adds a segment to an unfinished mapping; what is in its way has ended unseen.
  mutating func addSegment(_ segment: RecordedSegment, to mapping: UInt64, _ event: TraceEvent) {
    let first = segment.first & ~(Self.pageSize - 1)
    let last = segment.last | (Self.pageSize - 1)
    closeOverlapping(first, last, except: mapping)
    waiting.touch(first...last, byOpen: mapping, event.time)
    endOverlapping(first, last, except: mapping, event)
    guard let index = place(of: mapping), insertLive(first, last, mapping) else { return }
    open[index].segments.append(segment)
    open[index].timeLast = event.time
  }

  /// Closes the unfinished mapping at `index`: as an operation where its address is known.
  mutating func close(_ index: Int) {
    let mapping = open.remove(at: index)
    guard let hull = mapping.hull else {
      summary.lostMaps += 1
      waiting.finish(mapping.mapping, as: nil, segments: [])
      return
    }
    if case .call = mapping.telling { summary.lostReturns += 1 }
    finish(mapping, hull)
  }

  /// Fills in a mapping whose segments are complete.
  mutating func finish(_ mapping: OpenMapping, _ hull: (first: UInt64, last: UInt64)) {
    let segments = Self.joined(mapping.segments)
    var isContiguous = true
    var pages: UInt64 = 0
    for (index, segment) in segments.enumerated() {
      pages += Self.pageCount(segment.first, segment.last)
      if index > 0, segments[index - 1].last &+ 1 != segment.first { isContiguous = false }
    }
    let map = RecordedMap(
      mapping: mapping.mapping, direction: mapping.direction, first: hull.first, last: hull.last,
      pageCount: pages, segmentStart: 0, segmentCount: segments.count,
      isContiguous: isContiguous, isScatterGather: mapping.isScatterGather)
    summary.maps += 1
    if mapping.isScatterGather { summary.scatterGatherMaps += 1 }
    summary.mappedPages &+= pages
    pagesMax = max(pagesMax, pages)
    waiting.finish(mapping.mapping, as: .map(map), segments: segments)
  }

  /// Closes what has had its time.
  mutating func closeExpired(_ time: UInt64) {
    var index = 0
    while index < open.count {
      let limit: UInt64 =
        switch open[index].telling {
        case .pages: Self.gapMarked
        case .call: Self.callMax
        case .scatterCall: open[index].segments.isEmpty ? Self.callMax : Self.gapMarked
        }
      if time - open[index].timeLast > limit { close(index) } else { index += 1 }
    }
  }

  /// Closes what is known to be complete because a part of it is used already.
  mutating func closeOverlapping(_ first: UInt64, _ last: UInt64, except mapping: UInt64? = nil) {
    while let index = open.firstIndex(where: {
      $0.mapping != mapping && $0.overlaps(first, last)
    }) {
      close(index)
    }
  }

  /// Joins segments that follow each other for the device and in memory.
  private static func joined(_ segments: [RecordedSegment]) -> [RecordedSegment] {
    var result: [RecordedSegment] = []
    for segment in segments {
      if let before = result.last, before.last &+ 1 == segment.first,
        case .address(let start) = before.physical, case .address(let next) = segment.physical,
        start &+ (before.last - before.first) &+ 1 == next
      {
        result[result.count - 1].last = segment.last
      } else {
        result.append(segment)
      }
    }
    return result
  }

  /// The pages that `first…last` touches; at most 2 to the power 52, so sums do not wrap.
  static func pageCount(_ first: UInt64, _ last: UInt64) -> UInt64 {
    last / pageSize - first / pageSize + 1
  }
}
