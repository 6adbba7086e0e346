/// A 64-bit byte address of one address space; two spaces never mix, because each has its own type.
///
/// Holding an address proves nothing about what is mapped there. All arithmetic is checked: an
/// operation that would leave the 64-bit space answers `nil`.
public protocol DMAAddress: Comparable, Sendable, BitwiseCopyable {
  /// The address as a number of bytes from the bottom of its space.
  var rawValue: UInt64 { get }

  /// Names the byte at `rawValue`.
  init(_ rawValue: UInt64)
}

extension DMAAddress {
  /// The address `bytes` above this one, or `nil` where that would pass the top of the space.
  @inlinable
  public func advanced(by bytes: UInt64) -> Self? {
    let (sum, overflow) = rawValue.addingReportingOverflow(bytes)
    return overflow ? nil : Self(sum)
  }

  /// The bytes from here up to `other`, or `nil` where `other` lies below.
  @inlinable
  public func distance(to other: Self) -> UInt64? {
    other.rawValue >= rawValue ? other.rawValue &- rawValue : nil
  }

  /// Whether the low `log2` bits are zero.
  @inlinable
  public func isAligned(log2: UInt8) -> Bool {
    rawValue & ((1 &<< UInt64(log2)) &- 1) == 0
  }

  /// The address with its low `log2` bits cleared.
  @inlinable
  public func alignedDown(log2: UInt8) -> Self {
    Self(rawValue & ~((1 &<< UInt64(log2)) &- 1))
  }

  /// The low `log2` bits: how far into its granule the address points.
  @inlinable
  public func offset(log2: UInt8) -> UInt64 {
    rawValue & ((1 &<< UInt64(log2)) &- 1)
  }

  /// Orders by position in the space.
  @inlinable
  public static func < (left: Self, right: Self) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// An address as a device uses it: what the translation table takes in.
@frozen
public struct IOVA: DMAAddress {
  /// The address as a number of bytes from the bottom of the device's space.
  public let rawValue: UInt64

  /// Names the byte at `rawValue`.
  @inlinable
  public init(_ rawValue: UInt64) {
    self.rawValue = rawValue
  }
}

/// An address of memory: what the translation table gives out.
@frozen
public struct PhysicalAddress: DMAAddress {
  /// The address as a number of bytes from the bottom of memory.
  public let rawValue: UInt64

  /// Names the byte at `rawValue`.
  @inlinable
  public init(_ rawValue: UInt64) {
    self.rawValue = rawValue
  }
}
