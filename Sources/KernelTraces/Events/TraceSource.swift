/// Which kind of kernel and which events a trace holds.
public enum TraceSource: String, Sendable {
  /// s390 up to Linux 6.6: probes on the architecture's own DMA operations.
  case s390Probes = "s390 probes"
  /// s390 from Linux 6.7: the common DMA layer's tracepoints and a probe on the refresh.
  case s390Tracepoints = "s390 tracepoints"
  /// Only `iommu:*`: an extent is known for sure when it is unmapped.
  case pages = "iommu"
  /// `iommu:*` and `dma:*`, perhaps with Intel's invalidation events.
  case pagesAndMappings = "iommu and dma"
  /// Only `dma:*`.
  case mappings = "dma"
  /// None of the events that tell.
  case unknown = "unknown"

  /// Judges by the events seen.
  public init(_ events: TraceEventCounts) {
    let pages = events.mapPages + events.unmapPages
    let calls = events.mapCalls + events.mapReturns + events.mapScatterGatherCalls
    let mappings =
      events.dmaMaps + events.dmaUnmaps + events.dmaMapScatterGathers
      + events.dmaUnmapScatterGathers + events.dmaAllocations + events.dmaFrees
    if calls > 0 || (events.unmapCalls > 0 && pages == 0) {
      self = .s390Probes
    } else if pages > 0 && events.refreshes > 0 {
      self = .s390Tracepoints
    } else if pages > 0 {
      self = mappings > 0 ? .pagesAndMappings : .pages
    } else {
      self = mappings > 0 ? .mappings : .unknown
    }
  }
}
