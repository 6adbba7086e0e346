extension TraceEvent {
  /// Translations `first…last` were written.
  ///
  /// Source: Linux include/trace/events/iommu.h, event `map`. The line gives an exclusive end.
  public struct MapPages: Sendable, BitwiseCopyable {
    /// The lowest byte.
    public var first: UInt64
    /// The highest byte.
    public var last: UInt64
    /// Where the lowest byte lies in memory.
    public var physical: UInt64
    /// The number of bytes.
    public var byteCount: UInt64
  }

  /// Translations `first…last` were cleared.
  ///
  /// Source: Linux include/trace/events/iommu.h, event `unmap`. The line gives an exclusive end.
  public struct UnmapPages: Sendable, BitwiseCopyable {
    /// The lowest byte.
    public var first: UInt64
    /// The highest byte.
    public var last: UInt64
    /// The number of bytes asked for.
    public var byteCount: UInt64
    /// The number of bytes that were mapped.
    public var unmappedByteCount: UInt64
  }

  /// The arguments of Linux's s390 `map_page` operation.
  public struct MapCall: Sendable, BitwiseCopyable {
    /// The address of the kernel's `struct page`.
    public var page: UInt64
    /// Where in the page the buffer starts.
    public var offset: UInt64
    /// The buffer's size in bytes.
    public var byteCount: UInt64
    /// Which way data moves.
    public var direction: TraceDirection
  }

  /// The operands of one RPCIT.
  public struct Refresh: Sendable, BitwiseCopyable {
    /// The first operand: the function handle in the upper half.
    public var functionHandle: UInt64
    /// The lowest byte refreshed.
    public var address: UInt64
    /// The number of bytes refreshed.
    public var byteCount: UInt64
  }

  /// One buffer that the DMA API mapped.
  ///
  /// Source: Linux include/trace/events/dma.h, class `dma_map`.
  public struct DMAMap: Sendable, BitwiseCopyable {
    /// For which device.
    public var device: TraceDevice
    /// Which way data moves.
    public var direction: TraceDirection
    /// The lowest byte as the device sees it.
    public var iova: UInt64
    /// The buffer's size in bytes.
    public var byteCount: UInt64
    /// Where the buffer lies in memory.
    public var physical: UInt64
  }

  /// One buffer that the DMA API unmapped, or one piece of coherent memory.
  ///
  /// Source: Linux include/trace/events/dma.h, classes `dma_unmap`, `dma_alloc`, `dma_free`.
  public struct DMAUnmap: Sendable, BitwiseCopyable {
    /// For which device.
    public var device: TraceDevice
    /// Which way data moved.
    public var direction: TraceDirection
    /// The lowest byte as the device saw it.
    public var iova: UInt64
    /// The size in bytes.
    public var byteCount: UInt64
  }

  /// A list that the DMA API mapped or unmapped.
  ///
  /// Source: Linux include/trace/events/dma.h, events `dma_map_sg` and `dma_unmap_sg`.
  public struct DMAScatterGather: Sendable, BitwiseCopyable {
    /// For which device.
    public var device: TraceDevice
    /// Which way data moves.
    public var direction: TraceDirection
    /// How many entries the list had before mapping.
    public var entries: UInt64
    /// How many runs of device addresses came out; 0 where the line does not tell.
    public var mappedEntries: UInt64
    /// Whether the kernel printed only the first entries.
    public var isTruncated: Bool
  }

  /// A decision of Intel's driver to invalidate.
  ///
  /// Source: Linux drivers/iommu/intel/trace.h, events `cache_tag_flush_range`,
  /// `cache_tag_flush_range_np` and `cache_tag_flush_all`.
  public struct IntelFlush: Sendable, BitwiseCopyable {
    /// The domain's number.
    public var domain: UInt64
    /// The lowest byte.
    public var first: UInt64
    /// The highest byte.
    public var last: UInt64
    /// Why and how much.
    public var scope: Scope
    /// Whether a cache in the device is meant and not the unit's own.
    public var isDeviceCache: Bool

    /// Why and how much is invalidated.
    public enum Scope: Sendable, BitwiseCopyable {
      /// Translations of a range that were cleared.
      case range
      /// A range that was not present before, under caching mode.
      case rangeNotPresent
      /// The whole domain.
      case all
    }

    /// Whether nothing of the domain stays cached: some kernels write the full range for it.
    public var isGlobal: Bool {
      scope == .all || (first == 0 && last == .max)
    }
  }

  /// An invalidation descriptor of an Intel unit.
  ///
  /// Source: Linux drivers/iommu/intel/trace.h, event `qi_submit`.
  public struct IntelSubmission: Sendable, BitwiseCopyable {
    /// The first quadword, whose low four bits tell the type: 1 context, 2 IOTLB, 3 device TLB,
    /// 4 interrupt entries, 5 wait.
    public var quadword0: UInt64
    /// The second quadword.
    public var quadword1: UInt64
    /// The third quadword.
    public var quadword2: UInt64
    /// The fourth quadword.
    public var quadword3: UInt64
  }
}

/// The addresses and sizes of the scatter-gather line that was parsed last.
public struct TraceScatterList: Sendable {
  /// The runs of device addresses, by their lowest byte.
  public internal(set) var iovas: [UInt64] = []
  /// The size in bytes of each run.
  public internal(set) var byteCounts: [UInt64] = []
  /// Where each entry of the list lies in memory; there can be more of them than runs.
  public internal(set) var physical: [UInt64] = []

  mutating func removeAll() {
    iovas.removeAll(keepingCapacity: true)
    byteCounts.removeAll(keepingCapacity: true)
    physical.removeAll(keepingCapacity: true)
  }
}
