/// Makes a ``ReplayStream`` of maps and unmaps as they are read.
///
/// It also finds what a driver would map together before it rings its device's doorbell, which a
/// trace does not tell: the maps of one processor from the first on that come before its next unmap
/// and within ``groupNanoseconds``. A policy with `+batch` announces each such group at its end.
/// Allocates: as the work grows; besides the stream only for what is live.
public struct ReplayRecorder: Sendable {
  /// How long a driver is taken to go on mapping before it rings the doorbell, in nanoseconds.
  public static let groupNanoseconds: UInt64 = 50_000

  /// Where buffers of unknown place are put: pages that no machine has, each used once.
  private static let unknownFirst: UInt64 = 1 << 52

  private var stream = ReplayStream()
  private var live: [UInt64: LiveMapping] = [:]
  private var freePlaces: [UInt32] = []
  private var openGroups: [UInt16: Group] = [:]
  private var timeFirst: UInt64?
  private var livePages: UInt64 = 0
  private var unknownNext = Self.unknownFirst

  private struct LiveMapping {
    var place: UInt32
    var cpu: UInt16
    var operation: Int
    var pages: UInt64
  }

  private struct Group {
    var start: UInt64
    var first: Int
    var last: Int
  }

  /// A recorder that has seen nothing.
  public init() {}

  /// One run of a mapping's bytes.
  public struct Bytes: Sendable {
    /// Where they lie in memory, or `nil` where that is not known.
    public var physical: UInt64?
    /// How far into its page the first byte lies, where the rest is not known.
    public var pageOffset: UInt64
    /// One less than the number of bytes.
    public var byteCountMinusOne: UInt64

    /// `byteCountMinusOne + 1` bytes at `physical`.
    public init(physical: UInt64?, pageOffset: UInt64, byteCountMinusOne: UInt64) {
      self.physical = physical
      self.pageOffset = pageOffset & 4_095
      self.byteCountMinusOne = byteCountMinusOne
    }
  }

  /// Appends a map; one without bytes, or of a mapping that is live already, is left out.
  ///
  /// `time` is in nanoseconds of any clock; one before the last step's counts as that.
  public mutating func map(
    _ mapping: UInt64, at time: UInt64, cpu: Int, _ direction: ReplayDirection,
    _ bytes: some Sequence<Bytes>
  ) {
    if live[mapping] != nil { return }
    let start = stream.segments.count
    let pages = append(bytes)
    let count = stream.segments.count - start
    if count == 0 { return }
    let place = takePlace()
    let index = stream.operations.count
    append(
      ReplayStream.Operation(
        time: time, segmentStart: start, place: place, segmentCount: UInt32(clamping: count),
        cpu: UInt16(truncatingIfNeeded: cpu), kind: .map, direction: direction, endsGroup: false))
    let cpu = stream.operations[index].cpu
    live[mapping] = LiveMapping(place: place, cpu: cpu, operation: index, pages: pages)
    joinGroup(of: cpu, index)
    stream.maps += 1
    stream.mappingSegmentsMax = max(stream.mappingSegmentsMax, count)
    stream.mappingPagesMax = max(stream.mappingPagesMax, pages)
    livePages = livePages.addingReportingOverflow(pages).overflow ? .max : livePages &+ pages
    stream.livePagesMax = max(stream.livePagesMax, livePages)
  }

  /// Appends an unmap; one of a mapping that is not live is left out.
  public mutating func unmap(_ mapping: UInt64, at time: UInt64, cpu: Int) {
    guard let known = live.removeValue(forKey: mapping) else { return }
    let cpu = UInt16(truncatingIfNeeded: cpu)
    endGroup(of: cpu)
    // A driver cannot have unmapped what it had not told its device of.
    if let group = openGroups[known.cpu], known.operation >= group.first {
      endGroup(of: known.cpu)
    }
    append(
      ReplayStream.Operation(
        time: time, segmentStart: 0, place: known.place, segmentCount: 0, cpu: cpu, kind: .unmap,
        direction: .bothWays, endsGroup: false))
    freePlaces.append(known.place)
    livePages = livePages > known.pages ? livePages - known.pages : 0
    stream.unmaps += 1
  }

  /// Counts the unmap of a part of a mapping.
  public mutating func unmapPart() {
    stream.partialUnmaps += 1
  }

  /// Ends the work.
  public consuming func finish() -> ReplayStream {
    for group in openGroups.values { stream.operations[group.last].endsGroup = true }
    return stream
  }

  private mutating func append(_ operation: ReplayStream.Operation) {
    let first = timeFirst ?? operation.time
    timeFirst = first
    var operation = operation
    let time = operation.time > first ? operation.time - first : 0
    operation.time = max(time, stream.operations.last?.time ?? 0)
    stream.operations.append(operation)
  }

  private mutating func append(_ bytes: some Sequence<Bytes>) -> UInt64 {
    var pages: UInt64 = 0
    for run in bytes {
      let segment = ReplayStream.Segment(
        first: run.physical ?? unknownNext | run.pageOffset,
        byteCountMinusOne: run.byteCountMinusOne)
      stream.segments.append(segment)
      stream.segmentPagesMax = max(stream.segmentPagesMax, segment.pageCount)
      if run.physical == nil { unknownNext = unknownNext &+ segment.pageCount &<< 12 }
      let (sum, overflow) = pages.addingReportingOverflow(segment.pageCount)
      pages = overflow ? .max : sum
    }
    return pages
  }

  private mutating func takePlace() -> UInt32 {
    if let place = freePlaces.popLast() { return place }
    stream.places += 1
    return UInt32(clamping: stream.places - 1)
  }

  private mutating func joinGroup(of cpu: UInt16, _ index: Int) {
    let time = stream.operations[index].time
    if let group = openGroups[cpu], time - group.start > Self.groupNanoseconds {
      endGroup(of: cpu)
    }
    openGroups[cpu, default: Group(start: time, first: index, last: index)].last = index
  }

  private mutating func endGroup(of cpu: UInt16) {
    guard let group = openGroups.removeValue(forKey: cpu) else { return }
    stream.operations[group.last].endsGroup = true
  }
}
