/// One step of the DMA work that a kernel did, free of how its trace told it.
public struct RecordedOperation: Sendable, BitwiseCopyable {
  /// When the step began, in nanoseconds of the trace's clock; never less than the step before.
  public var time: UInt64
  /// The processor that did it.
  public var cpu: Int
  /// The thread that did it, or was interrupted by it.
  public var task: Int
  /// What was done.
  public var kind: Kind

  /// What was done.
  public enum Kind: Sendable, BitwiseCopyable {
    /// A buffer or a list of buffers was mapped.
    case map(RecordedMap)
    /// The last byte of a mapping was unmapped.
    case unmap(mapping: UInt64, cause: UnmapCause)
    /// The pages `first…last` of a mapping were unmapped, or as many of them as were mapped; the
    /// rest stays.
    case unmapPart(mapping: UInt64, first: UInt64, last: UInt64)
    /// Translations were invalidated.
    case invalidate(RecordedInvalidation)
    /// A mark: its place in `RecordedWork.marks`.
    case mark(Int)
  }

  /// How an unmap is known.
  public enum UnmapCause: Sendable, BitwiseCopyable {
    /// The trace says so.
    case recorded
    /// The trace lost it: the address was mapped again.
    case implied
  }
}

/// A mapping as it was made.
public struct RecordedMap: Sendable, BitwiseCopyable {
  /// Numbers the mappings of a trace from 0.
  public var mapping: UInt64
  /// Which way data moves, where the trace tells.
  public var direction: TraceDirection?
  /// The lowest byte of all segments, as the device sees it.
  public var first: UInt64
  /// The highest byte of all segments.
  public var last: UInt64
  /// The pages of 4 KiB that the segments touch.
  public var pageCount: UInt64
  /// Where the segments start in `RecordedWork.segments`.
  public var segmentStart: Int
  /// How many segments there are, at least one.
  public var segmentCount: Int
  /// Whether the segments follow each other without a gap in the device's addresses.
  public var isContiguous: Bool
  /// Whether the trace says that a list was mapped and not one buffer.
  ///
  /// `iommu:map` lines alone do not tell the one from the other.
  public var isScatterGather: Bool
}

/// A run of bytes that is contiguous for the device and, where that is known, in memory.
public struct RecordedSegment: Equatable, Sendable, BitwiseCopyable {
  /// The lowest byte as the device sees it.
  public var first: UInt64
  /// The highest byte as the device sees it.
  public var last: UInt64
  /// Where the bytes lie in memory.
  public var physical: Physical

  /// The bytes `first…last`, which lie at `physical`.
  public init(first: UInt64, last: UInt64, physical: Physical) {
    self.first = first
    self.last = last
    self.physical = physical
  }

  /// How a place in memory is known.
  public enum Physical: Equatable, Sendable, BitwiseCopyable {
    /// The trace gives the physical address.
    case address(UInt64)
    /// The trace gives the address of a `struct page`, and this is what it stands for if the
    /// kernel's array of them starts at a multiple of 4 GiB: distinct and as far apart as the real
    /// addresses, but perhaps shifted.
    case pseudo(UInt64)
    /// The trace does not tell.
    case unknown
  }
}

/// An invalidation that the kernel asked for.
public struct RecordedInvalidation: Equatable, Sendable, BitwiseCopyable {
  /// The lowest byte.
  public var first: UInt64
  /// The highest byte.
  public var last: UInt64
  /// How much was meant.
  public var scope: Scope
  /// What it was for.
  public var cause: Cause

  /// How much an invalidation was meant to cover.
  public enum Scope: Sendable, BitwiseCopyable {
    /// A range.
    case range
    /// Everything.
    case global
  }

  /// What an invalidation was for.
  public enum Cause: Sendable, BitwiseCopyable {
    /// It showed new translations to a hypervisor.
    case map
    /// It dropped those of the unmap just before.
    case unmap
    /// It dropped those of many unmaps, or the trace does not tell what for.
    case other
  }
}

/// Recorded operations with what they refer to.
///
/// A consumer that drains it with `removeAll()` after each event needs memory for a few operations
/// only; one that does not has the whole work in the end.
public struct RecordedWork: Sendable {
  /// The operations in order.
  public var operations: [RecordedOperation] = []
  /// The segments of the mappings.
  public var segments: [RecordedSegment] = []
  /// The texts of the marks.
  public var marks: [String] = []

  /// No operations.
  public init() {}

  /// The segments of a mapping among the operations held.
  public func segments(of map: RecordedMap) -> ArraySlice<RecordedSegment> {
    segments[map.segmentStart..<(map.segmentStart + map.segmentCount)]
  }

  /// Forgets all operations and keeps the memory.
  public mutating func removeAll() {
    operations.removeAll(keepingCapacity: true)
    segments.removeAll(keepingCapacity: true)
    marks.removeAll(keepingCapacity: true)
  }
}
