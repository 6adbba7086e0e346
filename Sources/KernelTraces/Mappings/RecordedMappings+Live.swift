extension RecordedMappings {
  /// Marks pages as mapped; `false` where the mapping has them already.
  mutating func insertLive(_ first: UInt64, _ last: UInt64, _ mapping: UInt64) -> Bool {
    if live.firstOverlap(first, last) != nil { return false }
    live.insert(LiveRanges.Entry(first: first, last: last, mapping: mapping))
    let pages = Self.pageCount(first, last)
    if var known = mappings[mapping] {
      known.first = min(known.first, first)
      known.last = max(known.last, last)
      known.pages += pages
      mappings[mapping] = known
    } else {
      mappings[mapping] = LiveMapping(first: first, last: last, pages: pages)
      summary.liveMappings += 1
    }
    summary.livePages += pages
    summary.livePagesMax = max(summary.livePagesMax, summary.livePages)
    summary.addressLowest = min(summary.addressLowest ?? first, first)
    summary.addressHighest = max(summary.addressHighest ?? last, last)
    return true
  }

  /// Ends the live mappings in `first…last` whose unmap the trace has lost, before the unfinished
  /// mapping `except` takes their place.
  mutating func endOverlapping(
    _ first: UInt64, _ last: UInt64, except mapping: UInt64, _ event: TraceEvent
  ) {
    var from = first
    while let entry = live.firstOverlap(from, last) {
      if entry.mapping == mapping {
        if entry.last >= last { return }
        from = entry.last + 1
        continue
      }
      let touched = end(entry.mapping)
      summary.impliedUnmaps += 1
      var operation = Self.operation(.unmap(mapping: entry.mapping, cause: .implied), event)
      operation.time = waiting.time(ofOpen: mapping) ?? event.time
      waiting.insert(
        WaitingOperations.Slot(operation: operation, touched: touched), beforeOpen: mapping)
    }
  }

  /// Forgets a live mapping with all its ranges, and answers the pages that hold them.
  @discardableResult
  mutating func end(_ mapping: UInt64) -> ClosedRange<UInt64>? {
    guard let known = mappings.removeValue(forKey: mapping) else { return nil }
    var from = known.first
    while let entry = live.firstOverlap(from, known.last) {
      if entry.mapping == mapping {
        _ = live.takeFirstOverlap(from, known.last)
      }
      if entry.last >= known.last { break }
      from = entry.last + 1
    }
    if let key = known.listKey { lists[key] = nil }
    summary.liveMappings -= 1
    summary.livePages -= known.pages
    return known.first...known.last
  }

  /// Unmaps the pages that hold `byteCount` bytes from `first`.
  mutating func unmapBytes(_ first: UInt64, _ byteCount: UInt64, _ event: TraceEvent) {
    guard let last = Self.last(first, byteCount) else {
      summary.nonsense += 1
      return
    }
    unmapRange(first, last, event)
  }

  /// Unmaps the pages that hold `first…last`; `false` where none of them was mapped.
  @discardableResult
  mutating func unmapRange(
    _ first: UInt64, _ last: UInt64, countingUnknown: Bool = true, _ event: TraceEvent
  ) -> Bool {
    let first = first & ~(Self.pageSize - 1)
    let last = last | (Self.pageSize - 1)
    closeOverlapping(first, last)
    lastUnmap = (event.task, first, last)
    var ended = 0
    var reduced: [UInt64] = []
    var isKnown = false
    while let entry = live.takeFirstOverlap(first, last) {
      isKnown = true
      if entry.first < first {
        live.insert(LiveRanges.Entry(first: entry.first, last: first - 1, mapping: entry.mapping))
      }
      if entry.last > last {
        live.insert(LiveRanges.Entry(first: last + 1, last: entry.last, mapping: entry.mapping))
      }
      let pages = Self.pageCount(max(first, entry.first), min(last, entry.last))
      summary.unmappedPages &+= pages
      summary.livePages -= pages
      guard var known = mappings[entry.mapping] else { continue }
      known.pages -= pages
      if known.pages > 0 {
        mappings[entry.mapping] = known
        if reduced.last != entry.mapping { reduced.append(entry.mapping) }
        continue
      }
      mappings[entry.mapping] = nil
      if let key = known.listKey { lists[key] = nil }
      summary.liveMappings -= 1
      summary.unmaps += 1
      ended += 1
      append(
        .unmap(mapping: entry.mapping, cause: .recorded), event, touched: known.first...known.last)
    }
    var isPartial = false
    for mapping in reduced where mappings[mapping] != nil {
      isPartial = true
      append(
        .unmapPart(mapping: mapping, first: first, last: last), event, touched: first...last)
    }
    if isPartial { summary.partialUnmaps += 1 }
    if ended > 1 { summary.jointUnmaps += 1 }
    if !isKnown && countingUnknown { summary.unknownUnmaps += 1 }
    return isKnown
  }

  /// The last of `byteCount` bytes from `first`, or `nil` for none or past the top of the space.
  static func last(_ first: UInt64, _ byteCount: UInt64) -> UInt64? {
    if byteCount == 0 { return nil }
    let (last, overflow) = first.addingReportingOverflow(byteCount - 1)
    return overflow ? nil : last
  }
}
