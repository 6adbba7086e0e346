/// A run of bytes `first…last`, both included; it is never empty.
///
/// `last` is stored, not an exclusive end, because a range that reaches the top of the 64-bit space
/// has no representable end. Having a range proves that it does not wrap around.
@frozen
public struct AddressRange<Address: DMAAddress>: Equatable, Sendable, BitwiseCopyable {
  /// The lowest byte.
  public let first: Address

  /// The highest byte, itself part of the range.
  public let last: Address

  /// The bytes `first…last`, or `nil` where `last` lies below `first`.
  @inlinable
  public init?(first: Address, last: Address) {
    if last < first { return nil }
    self.first = first
    self.last = last
  }

  /// `byteCount` bytes from `first`, or `nil` for none and where the range would pass the top.
  @inlinable
  public init?(first: Address, byteCount: UInt64) {
    if byteCount == 0 { return nil }
    guard let last = first.advanced(by: byteCount &- 1) else { return nil }
    self.first = first
    self.last = last
  }

  /// One byte.
  @inlinable
  public init(byte: Address) {
    first = byte
    last = byte
  }

  /// The number of bytes less one: the only form that always fits 64 bits.
  @inlinable
  public var byteCountMinusOne: UInt64 {
    last.rawValue &- first.rawValue
  }

  /// The number of bytes, or `nil` for the whole 64-bit space.
  @inlinable
  public var byteCount: UInt64? {
    byteCountMinusOne == .max ? nil : byteCountMinusOne &+ 1
  }

  /// Whether the byte at `address` lies in the range.
  @inlinable
  public func contains(_ address: Address) -> Bool {
    first <= address && address <= last
  }

  /// Whether every byte of `other` lies in the range.
  @inlinable
  public func contains(_ other: AddressRange) -> Bool {
    first <= other.first && other.last <= last
  }

  /// Whether the two ranges share a byte.
  @inlinable
  public func overlaps(_ other: AddressRange) -> Bool {
    first <= other.last && other.first <= last
  }

  /// The bytes that both ranges hold, or `nil` where there are none.
  @inlinable
  public func intersection(_ other: AddressRange) -> AddressRange? {
    AddressRange(first: max(first, other.first), last: min(last, other.last))
  }

  /// The smallest range that holds both.
  @inlinable
  public func union(_ other: AddressRange) -> AddressRange {
    AddressRange(ordered: min(first, other.first), max(last, other.last))
  }

  /// The range widened to whole granules of `granule`.
  @inlinable
  public func aligned(to granule: Granule) -> AddressRange {
    let mask = granule.byteCount &- 1
    return AddressRange(
      ordered: Address(first.rawValue & ~mask), Address(last.rawValue | mask))
  }

  /// The number of granules that the range touches.
  @inlinable
  public func pageCount(of granule: Granule) -> PageCount {
    let log2 = UInt64(granule.log2)
    return PageCount((last.rawValue &>> log2) &- (first.rawValue &>> log2) &+ 1)
  }

  /// For callers that have shown `first <= last` already.
  @inlinable
  init(ordered first: Address, _ last: Address) {
    self.first = first
    self.last = last
  }
}

/// A run of bytes that a device addresses.
public typealias IOVARange = AddressRange<IOVA>

/// A run of bytes of memory.
public typealias PhysicalRange = AddressRange<PhysicalAddress>
