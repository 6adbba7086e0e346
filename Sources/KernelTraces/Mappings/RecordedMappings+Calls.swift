extension RecordedMappings {
  /// Takes in a `mapret` line: the end of the thread's last `map` call.
  mutating func mapReturn(_ iova: UInt64, _ event: TraceEvent) {
    let index = open.lastIndex { mapping in
      guard mapping.task == event.task, case .call = mapping.telling else { return false }
      return true
    }
    guard let index, case .call(let call) = open[index].telling else {
      unpairedReturn(iova, event)
      return
    }
    // Linux include/linux/dma-mapping.h: DMA_MAPPING_ERROR is all ones.
    if iova == .max {
      summary.failedMaps += 1
      drop(index)
      return
    }
    guard let last = Self.last(iova, call.byteCount) else {
      summary.nonsense += 1
      drop(index)
      return
    }
    let segment = RecordedSegment(first: iova, last: last, physical: pseudoPhysical(call))
    if let hull = open[index].hull, hull.first <= iova, last <= hull.last {
      // The refresh told of whole pages; the return tells of the bytes.
      open[index].segments = [segment]
      finish(open.remove(at: index), (iova, last))
      return
    }
    // No refresh, or that of another call.
    let mapping = open[index].mapping
    open[index].segments = []
    end(mapping)
    addSegment(segment, to: mapping, event)
    if let index = place(of: mapping) { finish(open.remove(at: index), (iova, last)) }
  }

  /// A return whose call was lost: the refresh in between tells the size.
  private mutating func unpairedReturn(_ iova: UInt64, _ event: TraceEvent) {
    summary.unpairedReturns += 1
    guard let refresh = unmatchedRefresh, refresh.first <= iova, iova <= refresh.last else {
      return
    }
    unmatchedRefresh = nil
    mapAtOnce(
      [RecordedSegment(first: iova, last: refresh.last, physical: .unknown)], nil,
      isScatterGather: false, event)
  }

  /// Gives up an unfinished mapping.
  private mutating func drop(_ index: Int) {
    let mapping = open.remove(at: index)
    end(mapping.mapping)
    waiting.finish(mapping.mapping, as: nil, segments: [])
  }

  /// Takes in an RPCIT.
  ///
  /// In this order it is: the invalidation of the unmap just before it; part of an unfinished
  /// mapping of the same size; global; a run of an unfinished list; anything else.
  mutating func refresh(_ refresh: TraceEvent.Refresh, _ event: TraceEvent) {
    guard let last = Self.last(refresh.address, refresh.byteCount) else {
      summary.nonsense += 1
      return
    }
    let first = refresh.address
    if hasPageEvents { hasEndMarkers = true }
    if let unmap = lastUnmap, unmap.task == event.task, unmap.first == first, unmap.last == last {
      lastUnmap = nil
      invalidate(first, last, .range, .unmap, event)
    } else if let index = mappingThatFits(first, last, event) {
      if case .call(let call) = open[index].telling {
        let segment = RecordedSegment(first: first, last: last, physical: pseudoPhysical(call))
        addSegment(segment, to: open[index].mapping, event)
      } else {
        close(index)
      }
      invalidate(first, last, .range, .map, event)
    } else if isGlobal(first, last) {
      summary.apertureFirst = first
      summary.apertureLast = last
      invalidate(first, last, .global, .other, event)
    } else if let index = listThatGrows(event) {
      let segment = RecordedSegment(first: first, last: last, physical: .unknown)
      let mapping = open[index].mapping
      addSegment(segment, to: mapping, event)
      invalidate(first, last, .range, .map, event)
      if let index = place(of: mapping), case .scatterCall(let entries) = open[index].telling,
        open[index].segments.count >= entries
      {
        close(index)
      }
    } else {
      unmatchedRefresh = (first, last)
      invalidate(first, last, .range, .other, event)
    }
  }

  /// The unfinished mapping of the thread that has exactly these pages, or waits for as many.
  private func mappingThatFits(_ first: UInt64, _ last: UInt64, _ event: TraceEvent) -> Int? {
    open.lastIndex { mapping in
      if mapping.task != event.task { return false }
      switch mapping.telling {
      case .pages:
        guard let hull = mapping.hull else { return false }
        return hull.first & ~(Self.pageSize - 1) == first && hull.last | (Self.pageSize - 1) == last
      case .call(let call):
        let offset = call.offset % Self.pageSize
        guard mapping.segments.isEmpty, let end = Self.last(offset, call.byteCount) else {
          return false
        }
        return Self.pageCount(0, end) == Self.pageCount(first, last)
      case .scatterCall: return false
      }
    }
  }

  private func listThatGrows(_ event: TraceEvent) -> Int? {
    open.lastIndex { mapping in
      guard mapping.task == event.task, case .scatterCall = mapping.telling else { return false }
      return true
    }
  }

  /// Where the buffer lies, from the address of its `struct page`.
  ///
  /// `struct page` has 64 bytes on 64-bit kernels (Linux include/linux/mm_types.h, whose fields
  /// are laid out for that size), one for each page of 4 KiB.
  private mutating func pseudoPhysical(_ call: TraceEvent.MapCall) -> RecordedSegment.Physical {
    let start = pageArrayStart ?? call.page & ~0xffff_ffff
    pageArrayStart = start
    return .pseudo(((call.page &- start) >> 6) &* Self.pageSize &+ call.offset)
  }
}
