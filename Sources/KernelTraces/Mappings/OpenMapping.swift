/// A mapping that the trace has begun to tell and not finished.
struct OpenMapping: Sendable {
  /// How the mapping is told.
  enum Telling: Sendable {
    /// By `iommu:map` lines; what follows tells where they end.
    case pages
    /// By a `map` call, a `refresh` and a `mapret`.
    case call(TraceEvent.MapCall)
    /// By a `mapsg` call of so many entries and one `refresh` for each run of addresses.
    case scatterCall(entries: UInt64)
  }

  /// Names the mapping's place among the operations that wait.
  var mapping: UInt64
  var telling: Telling
  var task: Int
  /// The time of the line that told of it last.
  var timeLast: UInt64
  var segments: [RecordedSegment] = []
  var direction: TraceDirection?
  var isScatterGather = false

  /// Whether a segment shares a byte with `first…last`.
  func overlaps(_ first: UInt64, _ last: UInt64) -> Bool {
    segments.contains { $0.first <= last && first <= $0.last }
  }

  /// The smallest range that holds all segments.
  var hull: (first: UInt64, last: UInt64)? {
    guard var hull = segments.first.map({ (first: $0.first, last: $0.last) }) else { return nil }
    for segment in segments {
      hull = (min(hull.first, segment.first), max(hull.last, segment.last))
    }
    return hull
  }
}

/// Operations in order, of which the first ones may still be unfinished.
///
/// A mapping takes its place when its first line is read and is filled in when its last line is, so
/// that operations come out in the order in which they began.
struct WaitingOperations: Sendable {
  struct Slot: Sendable {
    var operation: RecordedOperation
    var segments: [RecordedSegment] = []
    var mark = ""
    /// The unfinished mapping that holds up this place.
    var open: UInt64?
    /// The pages that are mapped or unmapped here.
    var touched: ClosedRange<UInt64>?
  }

  private(set) var slots: [Slot] = []

  mutating func append(_ slot: Slot) {
    slots.append(slot)
  }

  /// Puts a finished operation before an unfinished mapping.
  ///
  /// Parts of a mapping that this ends are told no more: they would come after its end.
  mutating func insert(_ slot: Slot, beforeOpen mapping: UInt64) {
    let index = place(of: mapping) ?? slots.count
    slots.insert(slot, at: index)
    guard case .unmap(let ended, _) = slot.operation.kind else { return }
    for later in slots.indices.reversed() where later > index {
      if case .unmapPart(ended, _, _) = slots[later].operation.kind { slots.remove(at: later) }
    }
  }

  /// Tells that an unfinished mapping has the pages `touched`.
  ///
  /// Where a step that began later has to do with the same pages, the mapping got them after that
  /// step, and its place moves to the end.
  mutating func touch(_ touched: ClosedRange<UInt64>, byOpen mapping: UInt64, _ time: UInt64) {
    guard var index = place(of: mapping) else { return }
    if slots[(index + 1)...].contains(where: { $0.touched?.overlaps(touched) == true }) {
      var slot = slots.remove(at: index)
      slot.operation.time = time
      index = slots.count
      slots.append(slot)
    }
    let before = slots[index].touched ?? touched
    slots[index].touched =
      min(before.lowerBound, touched.lowerBound)...max(before.upperBound, touched.upperBound)
  }

  /// Fills in an unfinished mapping, or removes it where nothing came of it.
  mutating func finish(
    _ mapping: UInt64, as kind: RecordedOperation.Kind?, segments: [RecordedSegment]
  ) {
    guard let index = place(of: mapping) else { return }
    guard let kind else {
      slots.remove(at: index)
      return
    }
    slots[index].operation.kind = kind
    slots[index].segments = segments
    slots[index].open = nil
  }

  /// When an unfinished mapping began.
  func time(ofOpen mapping: UInt64) -> UInt64? {
    place(of: mapping).map { slots[$0].operation.time }
  }

  /// Moves the finished operations before the first unfinished one to `work`.
  mutating func release(into work: inout RecordedWork) {
    var count = 0
    for slot in slots {
      if slot.open != nil { break }
      var operation = slot.operation
      switch operation.kind {
      case .map(var map):
        map.segmentStart = work.segments.count
        map.segmentCount = slot.segments.count
        work.segments.append(contentsOf: slot.segments)
        operation.kind = .map(map)
      case .mark:
        operation.kind = .mark(work.marks.count)
        work.marks.append(slot.mark)
      case .unmap, .unmapPart, .invalidate: break
      }
      work.operations.append(operation)
      count += 1
    }
    slots.removeFirst(count)
  }

  /// Unfinished mappings are few and near the end.
  private func place(of mapping: UInt64) -> Int? {
    slots.lastIndex { $0.open == mapping }
  }
}
