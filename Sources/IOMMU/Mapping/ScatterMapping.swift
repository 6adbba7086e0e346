/// Proof that a device can reach a list of buffers as one run of device addresses.
///
/// Consumed by the domain's `unmapScatterGather`; dropped, it is quarantined like a ``Mapping``.
public struct ScatterMapping<Direction: DMADirection>: ~Copyable, Sendable {
  /// The whole granules that the list takes up.
  public var device: IOVARange { mapping.device }

  /// The number of segments that the device was given.
  public let segments: Int

  @usableFromInline
  package let mapping: Mapping<Direction>

  @usableFromInline
  package init(mapping: consuming Mapping<Direction>, segments: Int) {
    self.mapping = mapping
    self.segments = segments
  }

  @inlinable
  package consuming func release() -> Mapping<Direction> {
    mapping
  }
}

/// Cuts a run of device addresses into the segments that a device can take, joining neighbours.
@usableFromInline
struct SegmentCutter {
  @usableFromInline let limits: DeviceLimits
  @usableFromInline var open: IOVARange?

  @inlinable
  init(limits: DeviceLimits) {
    self.limits = limits
  }

  /// Adds bytes; hands each segment that is complete to `emit`.
  @inlinable
  mutating func add(
    _ bytes: IOVARange, _ emit: (IOVARange) throws(MapError) -> Void
  ) throws(MapError) {
    var rest: IOVARange? = bytes
    while let piece = rest {
      if let last = open, joins(last, piece) {
        // The run so far may grow to the device's limit, or to the boundary.
        let room = reach(from: last.first)
        if room.last > last.last {
          let end = min(room.last, piece.last)
          open = IOVARange(first: last.first, last: end)
          rest = Self.after(end, of: piece)
          continue
        }
      }
      if let last = open { try emit(last) }
      let end = min(reach(from: piece.first).last, piece.last)
      open = IOVARange(first: piece.first, last: end)
      rest = Self.after(end, of: piece)
    }
  }

  /// Hands over the segment that is still open.
  @inlinable
  mutating func finish(_ emit: (IOVARange) throws(MapError) -> Void) throws(MapError) {
    if let last = open { try emit(last) }
    open = nil
  }

  @inlinable
  func joins(_ left: IOVARange, _ right: IOVARange) -> Bool {
    left.last.advanced(by: 1) == right.first
  }

  /// The longest segment that may start at `first`.
  @usableFromInline
  func reach(from first: IOVA) -> IOVARange {
    let boundary = IOVA(first.rawValue | limits.segmentBoundaryMask)
    let longest = IOVARange(first: first, byteCount: limits.maxSegmentBytes)?.last ?? IOVA(.max)
    return IOVARange(first: first, last: min(boundary, longest)) ?? IOVARange(byte: first)
  }

  @usableFromInline
  static func after(_ end: IOVA, of range: IOVARange) -> IOVARange? {
    guard end < range.last, let next = end.advanced(by: 1) else { return nil }
    return IOVARange(first: next, last: range.last)
  }
}
