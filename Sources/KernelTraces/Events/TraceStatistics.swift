/// What a parser has seen so far.
public struct TraceStatistics: Equatable, Sendable {
  /// Lines of any kind.
  public internal(set) var lines = 0
  /// Event lines, by kind.
  public internal(set) var events = TraceEventCounts()
  /// Lines that are neither comments nor events, such as call chains.
  public internal(set) var foreignLines = 0
  /// Malformed lines that were passed over.
  public internal(set) var malformedLines = 0
  /// The first malformed line that was passed over.
  public internal(set) var firstMalformed: TraceError?
  /// The last line, where it has no end and does not parse: the trace was cut off.
  public internal(set) var truncation: TraceError?
  /// Events that the kernel says it dropped on the way, from `[LOST n EVENTS]` lines.
  public internal(set) var lostEvents: UInt64 = 0
  /// Times that the kernel says that events were dropped without saying how many.
  public internal(set) var uncountedLosses = 0
  /// Events in the kernel's buffer when it was read, from the header.
  public internal(set) var entriesInBuffer: UInt64?
  /// Events written to the buffer since tracing began, from the header.
  ///
  /// What exceeds `entriesInBuffer` was overwritten before it was read.
  public internal(set) var entriesWritten: UInt64?
  /// The number of processors, from the header.
  public internal(set) var processors: UInt64?
  /// Which program wrote the text.
  public internal(set) var format: TraceFormat?

  /// Events that were overwritten before they were read, as far as the header tells.
  public var overwrittenEvents: UInt64 {
    guard let written = entriesWritten, let kept = entriesInBuffer, written > kept else { return 0 }
    return written - kept
  }

  /// What recorded the trace, as far as the events seen tell.
  public var source: TraceSource { TraceSource(events) }
}

/// Which program wrote a trace's text.
public enum TraceFormat: Sendable {
  /// Linux's tracefs file `trace`.
  case ftrace
  /// `trace-cmd report`.
  case traceCommand
  /// `perf script`.
  case perf
}

/// Event lines by kind.
public struct TraceEventCounts: Equatable, Sendable {
  /// `iommu:map`.
  public internal(set) var mapPages = 0
  /// `iommu:unmap`.
  public internal(set) var unmapPages = 0
  /// Probe `map`.
  public internal(set) var mapCalls = 0
  /// Probe `mapret`.
  public internal(set) var mapReturns = 0
  /// Probe `unmap`.
  public internal(set) var unmapCalls = 0
  /// Probe `mapsg`.
  public internal(set) var mapScatterGatherCalls = 0
  /// Probe `unmapsg`.
  public internal(set) var unmapScatterGatherCalls = 0
  /// Probe `refresh`.
  public internal(set) var refreshes = 0
  /// `dma_map_page`, `dma_map_phys`, `dma_map_resource`.
  public internal(set) var dmaMaps = 0
  /// `dma_unmap_page`, `dma_unmap_phys`, `dma_unmap_resource`.
  public internal(set) var dmaUnmaps = 0
  /// `dma_map_sg`.
  public internal(set) var dmaMapScatterGathers = 0
  /// `dma_unmap_sg`.
  public internal(set) var dmaUnmapScatterGathers = 0
  /// `dma_alloc`, `dma_alloc_pages`.
  public internal(set) var dmaAllocations = 0
  /// `dma_free`, `dma_free_pages`.
  public internal(set) var dmaFrees = 0
  /// `cache_tag_flush_*`.
  public internal(set) var intelFlushes = 0
  /// `qi_submit`.
  public internal(set) var intelSubmissions = 0
  /// Marks.
  public internal(set) var marks = 0
  /// Events of no interest here.
  public internal(set) var others = 0

  /// Events of every kind.
  public internal(set) var total = 0

  mutating func count(_ kind: TraceEvent.Kind) {
    total += 1
    switch kind {
    case .mapPages: mapPages += 1
    case .unmapPages: unmapPages += 1
    case .mapCall: mapCalls += 1
    case .mapReturn: mapReturns += 1
    case .unmapCall: unmapCalls += 1
    case .mapScatterGatherCall: mapScatterGatherCalls += 1
    case .unmapScatterGatherCall: unmapScatterGatherCalls += 1
    case .refresh: refreshes += 1
    case .dmaMap: dmaMaps += 1
    case .dmaUnmap: dmaUnmaps += 1
    case .dmaMapScatterGather: dmaMapScatterGathers += 1
    case .dmaUnmapScatterGather: dmaUnmapScatterGathers += 1
    case .dmaAllocate: dmaAllocations += 1
    case .dmaFree: dmaFrees += 1
    case .intelFlush: intelFlushes += 1
    case .intelSubmission: intelSubmissions += 1
    case .mark: marks += 1
    case .other: others += 1
    }
  }
}

extension TraceEventCounts {
  /// The kinds that occurred, by the names that the trace has for them, each with its number.
  public var byName: [(name: String, count: Int)] {
    let all = [
      ("iommu:map", mapPages), ("iommu:unmap", unmapPages), ("probe map", mapCalls),
      ("probe mapret", mapReturns), ("probe unmap", unmapCalls),
      ("probe mapsg", mapScatterGatherCalls), ("probe unmapsg", unmapScatterGatherCalls),
      ("probe refresh", refreshes), ("dma_map_*", dmaMaps), ("dma_unmap_*", dmaUnmaps),
      ("dma_map_sg", dmaMapScatterGathers), ("dma_unmap_sg", dmaUnmapScatterGathers),
      ("dma_alloc*", dmaAllocations), ("dma_free*", dmaFrees),
      ("cache_tag_flush_*", intelFlushes), ("qi_submit", intelSubmissions), ("marks", marks),
      ("other", others),
    ]
    return all.filter { $0.1 > 0 }.map { (name: $0.0, count: $0.1) }
  }
}
