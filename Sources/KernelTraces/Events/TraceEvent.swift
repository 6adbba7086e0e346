/// One event line of a kernel trace.
///
/// Holding one proves that the line's fields were all there and in range; it does not prove that
/// the kernel lost no event before or after. Event names and devices are small numbers that the
/// parser turns back into text, and scatter-gather lists stay with the parser until its next event,
/// so that an event owns no memory.
public struct TraceEvent: Sendable, BitwiseCopyable {
  /// When the kernel wrote the event, in nanoseconds of its trace clock.
  ///
  /// Kernels print microseconds unless told otherwise.
  public var time: UInt64
  /// The processor that wrote it; 0 where the line names none.
  public var cpu: Int
  /// The thread that ran, or was interrupted, on that processor.
  public var task: Int
  /// The line of the file, from 1.
  public var line: Int
  /// What happened.
  public var kind: Kind

  /// What an event says.
  public enum Kind: Sendable, BitwiseCopyable {
    /// `iommu:map`: translations were written.
    case mapPages(MapPages)
    /// `iommu:unmap`: translations were cleared.
    case unmapPages(UnmapPages)
    /// Probe `map`: the DMA API was asked to map a buffer.
    case mapCall(MapCall)
    /// Probe `mapret`: the answer to a `map`; all ones where it failed.
    case mapReturn(iova: UInt64)
    /// Probe `unmap`: the DMA API was asked to unmap.
    case unmapCall(iova: UInt64, byteCount: UInt64)
    /// Probe `mapsg`: the DMA API was asked to map a scatter-gather list of so many entries.
    case mapScatterGatherCall(entries: UInt64)
    /// Probe `unmapsg`: the DMA API was asked to unmap such a list.
    case unmapScatterGatherCall(entries: UInt64)
    /// Probe `refresh`: one RPCIT, the s390 instruction that makes a hypervisor look at a range of
    /// the translation table again.
    case refresh(Refresh)
    /// `dma_map_page`, `dma_map_phys`, `dma_map_resource`: a buffer was mapped.
    case dmaMap(DMAMap)
    /// `dma_unmap_page`, `dma_unmap_phys`, `dma_unmap_resource`: a buffer was unmapped.
    case dmaUnmap(DMAUnmap)
    /// `dma_map_sg`: a list was mapped; the parser's `scatter` holds it.
    case dmaMapScatterGather(DMAScatterGather)
    /// `dma_unmap_sg`: a list was unmapped; the parser's `scatter` holds its physical addresses.
    case dmaUnmapScatterGather(DMAScatterGather)
    /// `dma_alloc`, `dma_alloc_pages`: coherent memory was allocated and mapped.
    case dmaAllocate(DMAUnmap)
    /// `dma_free`, `dma_free_pages`: coherent memory was unmapped and freed.
    case dmaFree(DMAUnmap)
    /// `cache_tag_flush_*`: Intel's driver decided to invalidate.
    case intelFlush(IntelFlush)
    /// `qi_submit`: Intel's driver queued an invalidation descriptor.
    case intelSubmission(IntelSubmission)
    /// A line written to `trace_marker`; the parser's `markText` holds it.
    case mark
    /// An event of no interest here.
    case other(EventName)
  }

  /// An event's name as a number; `TraceParser.text(of:)` gives the name.
  public struct EventName: Equatable, Sendable, BitwiseCopyable {
    let index: Int
  }
}

/// A device's name as a number; `TraceParser.text(of:)` gives the name.
public struct TraceDevice: Equatable, Sendable, BitwiseCopyable {
  let index: Int
}

/// Which way data moves, numbered as the kernel numbers it.
///
/// Source: Linux include/linux/dma-direction.h, `enum dma_data_direction`; the words are those of
/// include/trace/events/dma.h, `decode_dma_data_direction`.
public enum TraceDirection: UInt8, Sendable, BitwiseCopyable {
  /// Both ways.
  case bidirectional = 0
  /// Memory to device.
  case toDevice = 1
  /// Device to memory.
  case fromDevice = 2
  /// Neither.
  case none = 3
}
