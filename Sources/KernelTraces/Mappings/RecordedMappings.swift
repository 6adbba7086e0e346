/// A reader of mappings out of a trace's events, in one pass.
///
///     var mappings = RecordedMappings()
///     var work = RecordedWork()
///     try await TraceFile.read(path) { event, parser in
///       mappings.consume(event, from: parser, into: &work)
///     }
///     mappings.finish(into: &work)
///
/// It keeps the live mappings and the few operations that wait for a mapping's last line. Having an
/// operation proves that the trace, with the repairs that `summary` counts, is consistent up to it:
/// a mapping is mapped once, ends at most once, and no two live mappings share a page that is
/// mapped in both.
///
/// Limit: `iommu:*` events do not name their domain. A trace of several domains with the same
/// addresses shows as implied unmaps.
public struct RecordedMappings: Sendable {
  /// Mappings and pages are counted in pages of this many bytes.
  public static let pageSize: UInt64 = 4_096

  /// The most operations that wait for an unfinished mapping; then the oldest one is closed.
  static let waitingMax = 4_096
  /// Where nothing marks a mapping's end, `iommu:map` lines further apart than this, in
  /// nanoseconds, belong to two mappings.
  ///
  /// In the traces in Traces/, lines of one mapping are 1 to 70 microseconds apart where no
  /// interrupt comes between.
  static let gapUnmarked: UInt64 = 70_000
  /// The same in a trace with refreshes or `dma_map_*` lines, which mark the end; the thread may
  /// have had to wait for its processor in between.
  static let gapMarked: UInt64 = 100_000_000
  /// How long a call may take until its return counts as lost, in nanoseconds.
  static let callMax: UInt64 = 1_000_000_000

  /// What has been found so far; `liveMappings` and the like tell of this moment.
  public internal(set) var summary = ReconciliationSummary()

  var live = LiveRanges()
  /// Pages of each live mapping that are still mapped, and the range that holds them.
  var mappings: [UInt64: LiveMapping] = [:]
  var open: [OpenMapping] = []
  var waiting = WaitingOperations()
  var mappingNext: UInt64 = 0
  var pagesMax: UInt64 = 0
  /// The last unmap that no invalidation has followed.
  var lastUnmap: (task: Int, first: UInt64, last: UInt64)?
  /// The last refresh that fits no call, for a return whose call was lost.
  var unmatchedRefresh: (first: UInt64, last: UInt64)?
  /// Where the kernel's array of `struct page` is taken to start.
  var pageArrayStart: UInt64?
  var hasPageEvents = false
  var hasEndMarkers = false
  /// Unknown `dma_unmap_*` lines, which tell nothing where there are `iommu:*` events.
  var unknownDMAUnmaps = 0
  /// For traces of `dma:*` alone: a list's first physical address to its mapping.
  var lists: [UInt64: UInt64] = [:]
  private var processors: Set<Int> = []

  struct LiveMapping: Sendable {
    var first: UInt64
    var last: UInt64
    var pages: UInt64
    var listKey: UInt64?
  }

  /// A reader at the start of a trace.
  public init() {}

  /// Takes in the event that `parser` gave last, and appends what is now complete to `work`.
  ///
  /// Complexity: O(log n) in the live mappings for each page range. Allocates: as they grow.
  public mutating func consume(
    _ event: TraceEvent, from parser: borrowing TraceParser, into work: inout RecordedWork
  ) {
    var event = event
    note(&event)
    closeExpired(event.time)
    switch event.kind {
    case .mapPages(let map): mapPages(map, event)
    case .unmapPages(let unmap): unmapPages(unmap, event)
    case .mapCall(let call): begin(.call(call), event)
    case .mapScatterGatherCall(let entries): begin(.scatterCall(entries: entries), event)
    case .mapReturn(let iova): mapReturn(iova, event)
    case .unmapCall(let iova, let byteCount): unmapBytes(iova, byteCount, event)
    case .unmapScatterGatherCall: break
    case .refresh(let refresh): self.refresh(refresh, event)
    case .dmaMap(let map): dmaMap(map, event)
    case .dmaMapScatterGather(let list): dmaMapList(list, parser.scatter, event)
    case .dmaUnmap(let unmap), .dmaFree(let unmap): dmaUnmap(unmap, event)
    case .dmaAllocate(let memory): dmaAllocate(memory, event)
    case .dmaUnmapScatterGather: dmaUnmapList(parser.scatter, event)
    case .intelFlush(let flush): intelFlush(flush, event)
    case .mark: append(.mark(0), event, mark: parser.markText)
    case .intelSubmission, .other: break
    }
    while waiting.slots.count > Self.waitingMax, !open.isEmpty { close(0) }
    waiting.release(into: &work)
  }

  /// Ends the trace: what is unfinished is closed, and the last operations are appended to `work`.
  public mutating func finish(into work: inout RecordedWork) {
    while !open.isEmpty { close(0) }
    waiting.release(into: &work)
    if !hasPageEvents { summary.unknownUnmaps += unknownDMAUnmaps }
    unknownDMAUnmaps = 0
  }

  /// Counts an event and puts it in order.
  private mutating func note(_ event: inout TraceEvent) {
    if event.time < summary.timeLast {
      summary.timeReversals += 1
      event.time = summary.timeLast
    }
    summary.timeFirst = summary.timeFirst ?? event.time
    summary.timeLast = event.time
    if processors.insert(event.cpu).inserted { summary.processors += 1 }
  }

  /// Appends a finished operation.
  mutating func append(
    _ kind: RecordedOperation.Kind, _ event: TraceEvent, mark: String = "",
    touched: ClosedRange<UInt64>? = nil
  ) {
    waiting.append(
      WaitingOperations.Slot(
        operation: Self.operation(kind, event), mark: mark, touched: touched))
  }

  static func operation(
    _ kind: RecordedOperation.Kind, _ event: TraceEvent
  ) -> RecordedOperation {
    RecordedOperation(time: event.time, cpu: event.cpu, task: event.task, kind: kind)
  }
}
