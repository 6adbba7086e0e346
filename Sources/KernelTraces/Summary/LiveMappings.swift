/// The mappings in flight, rebuilt from recorded operations.
struct LiveMappings: Sendable {
  /// A mapping that has not ended yet.
  struct Mapping: Sendable {
    /// When it was made.
    var time: UInt64
    /// The processor that made it.
    var cpu: Int
    /// The pages that are still mapped, as ranges of bytes of whole pages.
    var ranges: [ClosedRange<UInt64>]
    /// How many pages these are.
    var pages: UInt64
    /// Whether all of it is still there.
    var isWhole = true
  }

  private(set) var mappings: [UInt64: Mapping] = [:]
  /// Pages of all mappings.
  private(set) var pages: UInt64 = 0

  /// The number of mappings.
  var count: Int { mappings.count }

  mutating func map(
    _ map: RecordedMap, _ segments: ArraySlice<RecordedSegment>, at time: UInt64, cpu: Int
  ) {
    let mask = RecordedMappings.pageSize - 1
    let ranges = segments.map { ($0.first & ~mask)...($0.last | mask) }
    mappings[map.mapping] = Mapping(time: time, cpu: cpu, ranges: ranges, pages: map.pageCount)
    pages &+= map.pageCount
  }

  /// Ends a mapping and answers what was left of it.
  mutating func end(_ mapping: UInt64) -> Mapping? {
    guard let ended = mappings.removeValue(forKey: mapping) else { return nil }
    pages &-= ended.pages
    return ended
  }

  /// Takes `first…last` out of a mapping, and answers the ranges that were there and its processor.
  mutating func take(
    _ first: UInt64, _ last: UInt64, from mapping: UInt64
  ) -> (ranges: [ClosedRange<UInt64>], pages: UInt64, cpu: Int)? {
    guard var known = mappings[mapping] else { return nil }
    var taken: [ClosedRange<UInt64>] = []
    var left: [ClosedRange<UInt64>] = []
    for range in known.ranges {
      let low = max(range.lowerBound, first)
      let high = min(range.upperBound, last)
      if low > high {
        left.append(range)
        continue
      }
      taken.append(low...high)
      if range.lowerBound < low { left.append(range.lowerBound...(low - 1)) }
      if range.upperBound > high { left.append((high + 1)...range.upperBound) }
    }
    let count = taken.reduce(into: UInt64(0)) {
      $0 &+= RecordedMappings.pageCount($1.lowerBound, $1.upperBound)
    }
    known.ranges = left
    known.pages &-= count
    known.isWhole = false
    mappings[mapping] = known
    pages &-= count
    return (taken, count, known.cpu)
  }
}
