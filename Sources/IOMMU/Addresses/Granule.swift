/// The size of the smallest page that a translation table maps: a power of two.
@frozen
public struct Granule: Equatable, Sendable, BitwiseCopyable {
  /// The binary logarithm of the size in bytes, 10 to 30.
  public let log2: UInt8

  /// A granule of 2 to the power `log2` bytes, or `nil` outside 10 to 30.
  @inlinable
  public init?(log2: UInt8) {
    if log2 < 10 || log2 > 30 { return nil }
    self.log2 = log2
  }

  @inlinable
  init(known log2: UInt8) {
    self.log2 = log2
  }

  /// 4 KiB, the only page size that s390's tables are used with.
  @inlinable
  public static var fourKiB: Granule { Granule(known: 12) }

  /// The size in bytes.
  @inlinable
  public var byteCount: UInt64 { 1 &<< UInt64(log2) }
}

/// A number of pages of a granule that the context names.
@frozen
public struct PageCount: Comparable, Sendable, BitwiseCopyable {
  /// The number.
  public let rawValue: UInt64

  /// A count of `rawValue` pages.
  @inlinable
  public init(_ rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// Orders by number.
  @inlinable
  public static func < (left: PageCount, right: PageCount) -> Bool {
    left.rawValue < right.rawValue
  }

  /// The bytes that many pages of `granule` hold, or `nil` where that passes 64 bits.
  @inlinable
  public func byteCount(of granule: Granule) -> UInt64? {
    let (bytes, overflow) = rawValue.multipliedReportingOverflow(by: granule.byteCount)
    return overflow ? nil : bytes
  }
}
