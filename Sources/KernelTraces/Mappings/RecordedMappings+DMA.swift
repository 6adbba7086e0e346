/// `dma:*` lines. Where there are `iommu:*` lines too, a `dma_map_*` line follows those of its
/// mapping and tells its extent and direction, and a `dma_unmap_*` line tells nothing new: it comes
/// before or after its `iommu:unmap`, and its addresses may be in use again by then. Otherwise the
/// lines are all there is.
extension RecordedMappings {
  mutating func dmaMap(_ map: TraceEvent.DMAMap, _ event: TraceEvent) {
    guard let last = Self.last(map.iova, map.byteCount) else {
      summary.nonsense += 1
      return
    }
    if hasPageEvents {
      hasEndMarkers = true
      endMapping(at: map.iova, map.direction, isScatterGather: false, event)
    } else {
      let physical = RecordedSegment.Physical.address(map.physical)
      mapAtOnce(
        [RecordedSegment(first: map.iova, last: last, physical: physical)], map.direction,
        isScatterGather: false, event)
    }
  }

  mutating func dmaMapList(
    _ list: TraceEvent.DMAScatterGather, _ scatter: TraceScatterList, _ event: TraceEvent
  ) {
    if hasPageEvents {
      hasEndMarkers = true
      for iova in scatter.iovas {
        endMapping(at: iova, list.direction, isScatterGather: true, event)
      }
      return
    }
    var segments: [RecordedSegment] = []
    for (index, first) in scatter.iovas.enumerated() {
      guard let last = Self.last(first, scatter.byteCounts[index]) else {
        summary.nonsense += 1
        return
      }
      // Entries of the list are merged into runs; only where none was is each one's place known.
      let isOneToOne = scatter.physical.count == scatter.iovas.count
      segments.append(
        RecordedSegment(
          first: first, last: last,
          physical: isOneToOne ? .address(scatter.physical[index]) : .unknown))
    }
    if segments.isEmpty { return }
    let mapping = mappingNext
    mapAtOnce(segments, list.direction, isScatterGather: true, event)
    if let key = scatter.physical.first, mappings[mapping] != nil {
      mappings[mapping]?.listKey = key
      lists[key] = mapping
    }
  }

  mutating func dmaUnmap(_ unmap: TraceEvent.DMAUnmap, _ event: TraceEvent) {
    if hasPageEvents { return }
    guard let last = Self.last(unmap.iova, unmap.byteCount) else {
      summary.nonsense += 1
      return
    }
    if !unmapRange(unmap.iova, last, countingUnknown: false, event) { unknownDMAUnmaps += 1 }
  }

  /// `dma_unmap_sg` names no device address: the list is found by its first physical one.
  mutating func dmaUnmapList(_ scatter: TraceScatterList, _ event: TraceEvent) {
    if hasPageEvents { return }
    guard let key = scatter.physical.first, let mapping = lists[key], let known = mappings[mapping]
    else {
      unknownDMAUnmaps += 1
      return
    }
    var from = known.first
    while let entry = live.firstOverlap(from, known.last) {
      if entry.mapping == mapping { unmapRange(entry.first, entry.last, event) }
      if entry.last >= known.last { break }
      from = entry.last + 1
    }
  }

  mutating func dmaAllocate(_ memory: TraceEvent.DMAUnmap, _ event: TraceEvent) {
    guard let last = Self.last(memory.iova, memory.byteCount) else {
      // A failed allocation is written with address and size as asked; a size of 0 is none.
      summary.failedMaps += 1
      return
    }
    if hasPageEvents {
      endMapping(at: memory.iova, memory.direction, isScatterGather: false, event)
    } else {
      mapAtOnce(
        [RecordedSegment(first: memory.iova, last: last, physical: .unknown)], memory.direction,
        isScatterGather: false, event)
    }
  }

  /// Closes the thread's unfinished mapping that holds the byte at `iova`.
  private mutating func endMapping(
    at iova: UInt64, _ direction: TraceDirection, isScatterGather: Bool, _ event: TraceEvent
  ) {
    let index = open.lastIndex { $0.task == event.task && $0.overlaps(iova, iova) }
    guard let index else { return }
    open[index].direction = direction
    open[index].isScatterGather = isScatterGather
    close(index)
  }

  /// Appends a mapping that one line tells completely.
  mutating func mapAtOnce(
    _ segments: [RecordedSegment], _ direction: TraceDirection?, isScatterGather: Bool,
    _ event: TraceEvent
  ) {
    let mapping = begin(.pages, event)
    for segment in segments { addSegment(segment, to: mapping, event) }
    guard let index = place(of: mapping) else { return }
    open[index].direction = direction
    open[index].isScatterGather = isScatterGather
    close(index)
  }
}
