/// A parameter block as the architecture lays it out: big-endian fields at byte offsets.
///
/// The words are kept as numbers whose most significant byte comes first in memory, so that a field
/// is read with shifts on any host. Offsets are checked.
public struct BigEndianBlock<let words: Int>: Sendable {
  /// The block's doublewords, the first at offset 0, as numbers.
  public var storage: InlineArray<words, UInt64>

  /// A block of zeros.
  public init() {
    storage = InlineArray(repeating: 0)
  }

  /// The number of bytes.
  public static var byteCount: Int { words * 8 }

  /// Reads `width` bytes (1, 2, 4 or 8) at `offset`, which is a multiple of `width`.
  public func field(at offset: Int, width: Int) -> UInt64 {
    let shift = Self.shift(offset, width)
    return (storage[offset / 8] &>> shift) & Self.mask(width)
  }

  /// Writes the low `width` bytes (1, 2, 4 or 8) of `value` at `offset`, a multiple of `width`.
  public mutating func setField(_ value: UInt64, at offset: Int, width: Int) {
    let shift = Self.shift(offset, width)
    let mask = Self.mask(width)
    storage[offset / 8] = storage[offset / 8] & ~(mask &<< shift) | (value & mask) &<< shift
  }

  private static func shift(_ offset: Int, _ width: Int) -> UInt64 {
    precondition(
      (width == 1 || width == 2 || width == 4 || width == 8) && offset % width == 0,
      "a field is 1, 2, 4 or 8 bytes at a multiple of its width")
    return UInt64(8 - width - offset % 8) * 8
  }

  private static func mask(_ width: Int) -> UInt64 {
    width == 8 ? .max : (1 &<< UInt64(width * 8)) &- 1
  }
}

/// The 4 KiB request-and-response block of CLP.
public typealias CLPBlock = BigEndianBlock<512>

/// The function information block of MPCIFC and STPCIFC: 128 bytes.
public typealias FunctionInformationBlock = BigEndianBlock<16>
