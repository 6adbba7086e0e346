extension RecordedMappings {
  /// Counts and appends an invalidation.
  mutating func invalidate(
    _ first: UInt64, _ last: UInt64, _ scope: RecordedInvalidation.Scope,
    _ cause: RecordedInvalidation.Cause, _ event: TraceEvent
  ) {
    switch scope {
    case .global: summary.globalInvalidations += 1
    case .range:
      summary.rangeInvalidations += 1
      if cause == .map { summary.mapInvalidations += 1 }
      if cause == .unmap { summary.unmapInvalidations += 1 }
    }
    let invalidation = RecordedInvalidation(first: first, last: last, scope: scope, cause: cause)
    append(.invalidate(invalidation), event)
  }

  /// Whether a range is meant to cover everything: all addresses ever mapped lie in it, and no
  /// mapping was as large.
  func isGlobal(_ first: UInt64, _ last: UInt64) -> Bool {
    guard let lowest = summary.addressLowest, let highest = summary.addressHighest else {
      return false
    }
    return first <= lowest && highest <= last && Self.pageCount(first, last) > pagesMax
      && Self.pageCount(first, last) > 1
  }

  /// Takes in an invalidation of an Intel unit's own cache; the device's caches follow along.
  mutating func intelFlush(_ flush: TraceEvent.IntelFlush, _ event: TraceEvent) {
    if flush.isDeviceCache { return }
    if flush.isGlobal {
      invalidate(flush.first, flush.last, .global, .other, event)
    } else if flush.scope == .rangeNotPresent {
      invalidate(flush.first, flush.last, .range, .map, event)
    } else if let unmap = lastUnmap, unmap.task == event.task, unmap.first == flush.first,
      unmap.last == flush.last
    {
      lastUnmap = nil
      invalidate(flush.first, flush.last, .range, .unmap, event)
    } else {
      invalidate(flush.first, flush.last, .range, .other, event)
    }
  }
}
