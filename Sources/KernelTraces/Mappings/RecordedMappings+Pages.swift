extension RecordedMappings {
  /// Takes in an `iommu:map` line, which can be one of several that make a mapping: a list is
  /// mapped run by run, at addresses that follow each other.
  mutating func mapPages(_ map: TraceEvent.MapPages, _ event: TraceEvent) {
    hasPageEvents = true
    let segment = RecordedSegment(
      first: map.first, last: map.last, physical: .address(map.physical))
    let gap = hasEndMarkers ? Self.gapMarked : Self.gapUnmarked
    let index = open.firstIndex { mapping in
      guard mapping.task == event.task, case .pages = mapping.telling else { return false }
      if event.time - mapping.timeLast > gap { return false }
      guard let before = mapping.segments.last else { return false }
      return map.first > before.last && map.first - before.last == 1
    }
    if let index {
      addSegment(segment, to: open[index].mapping, event)
    } else {
      addSegment(segment, to: begin(.pages, event), event)
    }
  }

  /// Takes in an `iommu:unmap` line, which covers a mapping or what was mapped of it.
  mutating func unmapPages(_ unmap: TraceEvent.UnmapPages, _ event: TraceEvent) {
    hasPageEvents = true
    unmapRange(unmap.first, unmap.last, event)
  }
}
