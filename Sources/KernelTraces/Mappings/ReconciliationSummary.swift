/// How a trace's events added up to mappings, and what did not add up.
///
/// A probe that fires while the handler of another runs is lost, and a trace may start or stop in
/// the middle of the work; the summary says how much of that was met and how it was repaired.
public struct ReconciliationSummary: Equatable, Sendable {
  /// Mappings made.
  public internal(set) var maps = 0
  /// Of them, lists.
  public internal(set) var scatterGatherMaps = 0
  /// Pages of 4 KiB mapped.
  public internal(set) var mappedPages: UInt64 = 0
  /// Mappings that ended by an unmap in the trace.
  public internal(set) var unmaps = 0
  /// Mapped pages of 4 KiB that unmaps in the trace cleared.
  public internal(set) var unmappedPages: UInt64 = 0

  /// Invalidations of a range.
  public internal(set) var rangeInvalidations = 0
  /// Invalidations of everything: as large as what is mapped, and larger than any mapping.
  public internal(set) var globalInvalidations = 0
  /// Of the ranges, those that followed a map.
  public internal(set) var mapInvalidations = 0
  /// Of the ranges, those that followed an unmap.
  public internal(set) var unmapInvalidations = 0

  /// Calls to map that the kernel refused.
  public internal(set) var failedMaps = 0
  /// Calls to map whose address is nowhere in the trace; they are left out.
  public internal(set) var lostMaps = 0
  /// Calls to map whose return was lost, with the address taken from the refresh.
  public internal(set) var lostReturns = 0
  /// Returns whose call was lost; where a refresh told the size, the mapping is counted in `maps`.
  public internal(set) var unpairedReturns = 0
  /// Mappings whose end was lost and is inserted before the next use of their addresses.
  public internal(set) var impliedUnmaps = 0
  /// Unmaps of addresses that are not known to be mapped; they are left out.
  public internal(set) var unknownUnmaps = 0
  /// Unmaps that left a part of a mapping; it ends with its last part.
  public internal(set) var partialUnmaps = 0
  /// Unmaps that ended several mappings at once.
  public internal(set) var jointUnmaps = 0
  /// Events whose numbers make no sense together, such as a size that passes the top of the space.
  public internal(set) var nonsense = 0
  /// Events whose time lay before the event above them; they are moved to that event's time.
  public internal(set) var timeReversals = 0

  /// Mappings without an end so far.
  ///
  /// Those whose unmap was lost and whose addresses were not used again are among them.
  public internal(set) var liveMappings = 0
  /// Pages of 4 KiB mapped so far.
  public internal(set) var livePages: UInt64 = 0
  /// The most pages of 4 KiB that were mapped at a time.
  public internal(set) var livePagesMax: UInt64 = 0

  /// The first event's time in nanoseconds.
  public internal(set) var timeFirst: UInt64?
  /// The last event's time in nanoseconds.
  public internal(set) var timeLast: UInt64 = 0
  /// The number of processors that wrote events.
  public internal(set) var processors = 0
  /// The lowest byte ever mapped.
  public internal(set) var addressLowest: UInt64?
  /// The highest byte ever mapped.
  public internal(set) var addressHighest: UInt64?
  /// The lowest byte of the last global invalidation of a known range: the aperture's.
  public internal(set) var apertureFirst: UInt64?
  /// The highest byte of the last global invalidation of a known range: the aperture's.
  public internal(set) var apertureLast: UInt64?

  /// The nanoseconds from the first to the last event.
  public var durationNanoseconds: UInt64 {
    timeFirst.map { timeLast &- $0 } ?? 0
  }
}
