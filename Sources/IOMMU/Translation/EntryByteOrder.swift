/// How the hardware wants the bytes of an entry.
public enum EntryByteOrder: Sendable {
  /// Most significant byte first, as on s390.
  case big
  /// Least significant byte first, as in virtio and on x86-64 and AArch64.
  case little

  /// Whether entries must be turned around to be numbers here.
  var isSwapped: Bool {
    // `_endian` and `byteSwapped`, because `.bigEndian` is inverted where the standard library was
    // compiled for the other order.
    #if _endian(big)
    self == .little
    #else
    self == .big
    #endif
  }
}
