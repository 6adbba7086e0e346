/// Recorded DMA work in a small form: what was mapped and unmapped, when, on which processor.
///
/// Made once by a ``ReplayRecorder`` and never changed, so that any number of runs can read it side
/// by side. Having one proves that every unmap follows the map of a mapping which is live then, and
/// that no two live mappings have the same place. Memory: 32 bytes an operation, 16 a segment.
public struct ReplayStream: Sendable {
  /// What a step does.
  enum Kind: UInt8, Sendable, BitwiseCopyable {
    case map
    case unmap
  }

  /// One step.
  struct Operation: Sendable, BitwiseCopyable {
    /// Nanoseconds since the first step; never less than the step before.
    var time: UInt64
    /// Of a map: where its segments start.
    var segmentStart: Int
    /// The number of the mapping's place among those that are live.
    var place: UInt32
    /// Of a map: how many segments it has, at least one.
    var segmentCount: UInt32
    /// The processor that did it, as the trace numbers them.
    var cpu: UInt16
    var kind: Kind
    var direction: ReplayDirection
    /// Of a map: whether it is the last that a driver would make before it rings the doorbell.
    var endsGroup: Bool
  }

  /// Bytes that are contiguous in the recorded machine's memory.
  struct Segment: Sendable, BitwiseCopyable {
    var first: UInt64
    var byteCountMinusOne: UInt64

    /// The pages of 4 KiB that hold the bytes.
    var pageCount: UInt64 {
      let (sum, overflow) = (first & 4_095).addingReportingOverflow(byteCountMinusOne)
      return ((overflow ? .max : sum) &>> 12) + 1
    }
  }

  /// The steps in order.
  var operations: [Operation] = []
  /// The segments of all maps.
  var segments: [Segment] = []

  /// The number of mappings made.
  public internal(set) var maps = 0
  /// The number of mappings taken back; what is live at the end is not among them.
  public internal(set) var unmaps = 0
  /// Unmaps of a part of a mapping, which are left out: it ends with its last part.
  public internal(set) var partialUnmaps = 0
  /// The most mappings that are live at once, and so the number of places.
  public internal(set) var places = 0
  /// The pages of 4 KiB of the largest mapping.
  public internal(set) var mappingPagesMax: UInt64 = 0
  /// The most pages of 4 KiB that are mapped at once.
  public internal(set) var livePagesMax: UInt64 = 0
  /// The most segments of a mapping.
  public internal(set) var mappingSegmentsMax = 0
  /// The pages of 4 KiB of the largest segment.
  public internal(set) var segmentPagesMax: UInt64 = 0

  /// The nanoseconds from the first step to the last.
  public var durationNanoseconds: UInt64 { operations.last?.time ?? 0 }
}

/// Which way data moves through a recorded mapping.
public enum ReplayDirection: UInt8, Sendable, BitwiseCopyable {
  /// Memory to device.
  case toDevice
  /// Device to memory.
  case fromDevice
  /// Both, or the trace does not tell.
  case bothWays
}
