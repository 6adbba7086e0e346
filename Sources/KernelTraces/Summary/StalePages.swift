/// The pages that were unmapped and that no recorded invalidation has covered since.
///
/// A page counts once however often it was unmapped. Complexity: O(log n) for each range.
struct StalePages: Sendable {
  private var ranges = LiveRanges()
  /// How many pages are stale.
  private(set) var count: UInt64 = 0

  /// Adds the pages of `range`, which is of whole pages.
  mutating func add(_ range: ClosedRange<UInt64>) {
    var from = range.lowerBound
    while true {
      let next = ranges.firstOverlap(from, range.upperBound)
      let last = next.map { $0.first == 0 ? 0 : $0.first - 1 } ?? range.upperBound
      if next == nil || (next?.first ?? 0) > from { insert(from, last) }
      guard let next, next.last < range.upperBound else { return }
      from = next.last + 1
    }
  }

  /// Removes what a recorded invalidation covers.
  mutating func take(_ invalidation: RecordedInvalidation) {
    switch invalidation.scope {
    case .range: invalidate(invalidation.first, invalidation.last)
    case .global: invalidateAll()
    }
  }

  /// Removes the pages that `first…last` touches.
  mutating func invalidate(_ first: UInt64, _ last: UInt64) {
    let mask = RecordedMappings.pageSize - 1
    let first = first & ~mask
    let last = last | mask
    while let entry = ranges.takeFirstOverlap(first, last) {
      count &-= RecordedMappings.pageCount(entry.first, entry.last)
      if entry.first < first { insert(entry.first, first - 1) }
      if entry.last > last { insert(last + 1, entry.last) }
    }
  }

  /// Removes all pages.
  mutating func invalidateAll() {
    ranges = LiveRanges()
    count = 0
  }

  private mutating func insert(_ first: UInt64, _ last: UInt64) {
    ranges.insert(LiveRanges.Entry(first: first, last: last, mapping: 0))
    count &+= RecordedMappings.pageCount(first, last)
  }
}
