import KernelTraces
import Testing

/// Expects what `RecordedMappings` promises of its operations, by a set of pages where mappings are
/// small enough and otherwise by comparing ranges.
func expectConsistent(_ work: RecordedWork, _ location: SourceLocation = #_sourceLocation) {
  var time: UInt64 = 0
  var live: [UInt64: [ClosedRange<UInt64>]] = [:]
  var pages: [UInt64: UInt64] = [:]
  var used: Set<UInt64> = []
  var problems: [String] = []
  for operation in work.operations {
    if operation.time < time { problems.append("time runs backwards at \(operation)") }
    time = operation.time
    switch operation.kind {
    case .map(let map):
      if !used.insert(map.mapping).inserted { problems.append("mapped twice: \(map)") }
      let ranges = work.segments(of: map).map { ($0.first >> 12)...($0.last >> 12) }
      if ranges.isEmpty || ranges.contains(where: { $0.count > 1 << 10 }) { continue }
      for page in ranges.joined() {
        if let other = pages.updateValue(map.mapping, forKey: page) {
          problems.append("page \(page) of \(map) is live in \(other)")
        }
      }
      live[map.mapping] = ranges
    case .unmap(let mapping, _):
      if !used.contains(mapping) { problems.append("unmapped before it was mapped: \(mapping)") }
      for page in (live.removeValue(forKey: mapping) ?? []).joined() where pages[page] == mapping {
        pages[page] = nil
      }
    case .unmapPart(let mapping, let first, let last):
      guard let ranges = live[mapping] else { continue }
      for page in ranges.joined() where first >> 12 <= page && page <= last >> 12 {
        if pages[page] == mapping { pages[page] = nil }
      }
    case .invalidate, .mark: break
    }
  }
  #expect(problems.isEmpty, "\(problems.prefix(5))", sourceLocation: location)
}
