/// How the hardware wants the bytes of an entry: known when a program is built, as reading and
/// writing entries costs twice as much where it has to be looked up.
public protocol EntryByteOrder: Sendable {
  /// Whether entries must be turned around to be numbers here.
  static var isSwapped: Bool { get }
}

/// Most significant byte first, as on s390.
public enum BigEndian: EntryByteOrder {
  /// True on processors that store the least significant byte first.
  @inlinable public static var isSwapped: Bool {
    // `_endian` and `byteSwapped`, because `.bigEndian` is inverted where the standard library was
    // compiled for the other order.
    #if _endian(big)
    false
    #else
    true
    #endif
  }
}

/// Least significant byte first, as in virtio and on x86-64 and AArch64.
public enum LittleEndian: EntryByteOrder {
  /// True on processors that store the most significant byte first.
  @inlinable public static var isSwapped: Bool { !BigEndian.isSwapped }
}
