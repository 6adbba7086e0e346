/// How soon pages are mapped again.
public struct PageReuse: Sendable {
  /// Distinct other pages mapped between two maps of the same page.
  public private(set) var pageDistances = ExactDistribution()
  /// Mappings made between two maps of the same page.
  public private(set) var mappingDistances = ExactDistribution()
  /// Pages mapped for the first time.
  public var firstUses: Int { distances.keys }
  /// Pages of mappings whose place is not known or that were too large to look at each page.
  public private(set) var pagesLeftOut: UInt64 = 0

  private var distances = ReuseDistance()
  private var mappingOfPage: [UInt64: UInt64] = [:]
  private var mapping: UInt64 = 0

  /// Nothing mapped yet.
  public init() {}

  /// Begins the next mapping.
  mutating func beginMapping() {
    mapping += 1
  }

  /// Notes the pages of a segment of the mapping, whose lowest byte lies at `address`.
  mutating func use(_ address: UInt64, _ segment: RecordedSegment) {
    let (last, overflow) = address.addingReportingOverflow(segment.last - segment.first)
    if overflow { return leaveOut(segment) }
    for page in (address / RecordedMappings.pageSize)...(last / RecordedMappings.pageSize) {
      let before = mappingOfPage.updateValue(mapping, forKey: page)
      // Several segments of one mapping can share a page of memory: it is mapped once.
      if before == mapping { continue }
      if let distance = distances.use(page) { pageDistances.add(distance) }
      if let before { mappingDistances.add(mapping - before - 1) }
    }
  }

  /// Counts a segment that is not looked at.
  mutating func leaveOut(_ segment: RecordedSegment) {
    pagesLeftOut &+= RecordedMappings.pageCount(segment.first, segment.last)
  }
}
