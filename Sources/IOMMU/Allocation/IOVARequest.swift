/// What a caller asks of an allocator: how many pages, and which addresses will do.
@frozen
public struct IOVARequest: Sendable, BitwiseCopyable {
  /// The number of consecutive pages, 1 or more.
  public let pages: PageCount

  /// The binary logarithm of the alignment of the first page, in pages; 0 asks for none.
  public let alignmentLog2: UInt8

  /// One less than the power of two that the range must not cross, in bytes; all ones for none.
  ///
  /// This is a device's segment boundary mask: 0xffff_ffff forbids crossing a multiple of 4 GiB.
  public let boundaryMask: UInt64

  /// The highest byte that the device can address.
  public let limit: IOVA

  /// Asks for `pages` pages anywhere, unless told more.
  @inlinable
  public init(
    pages: PageCount, alignmentLog2: UInt8 = 0, boundaryMask: UInt64 = .max,
    limit: IOVA = IOVA(.max)
  ) {
    self.pages = pages
    self.alignmentLog2 = alignmentLog2
    self.boundaryMask = boundaryMask
    self.limit = limit
  }
}

/// Why an allocator gave out no addresses; its state is as before the call.
public enum IOVAAllocationError: Error, Equatable {
  /// No run of that many pages is free now, and none is stale either: only an unmap can help.
  case exhausted(pages: PageCount, limit: IOVA)

  /// No run is free, but stale pages could make one: invalidate everything, then ask again.
  case needsInvalidation(pages: PageCount)

  /// No state of this allocator could ever meet the request.
  case impossible(pages: PageCount, limit: IOVA)
}
