/// What a device's own addressing allows, beyond what its translation does.
@frozen
public struct DeviceLimits: Sendable, BitwiseCopyable {
  /// The highest address that the device can put on the bus: its DMA mask.
  public let mask: UInt64

  /// The most bytes that one segment of a scatter list may have; 1 or more.
  public let maxSegmentBytes: UInt64

  /// One less than the power of two that no segment may cross; all ones for none.
  public let segmentBoundaryMask: UInt64

  /// The most segments that the device takes in one list; 1 or more.
  public let maxSegments: Int

  /// A device without limits, unless told more.
  @inlinable
  public init(
    mask: UInt64 = .max, maxSegmentBytes: UInt64 = .max, segmentBoundaryMask: UInt64 = .max,
    maxSegments: Int = .max
  ) {
    self.mask = mask
    self.maxSegmentBytes = max(maxSegmentBytes, 1)
    self.segmentBoundaryMask = segmentBoundaryMask
    self.maxSegments = max(maxSegments, 1)
  }
}
