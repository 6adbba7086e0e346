/// A function's configuration space: 256 bytes with a header and one capability, MSI-X.
///
/// Offsets are those of PCI Local Bus Specification 3.0, 6.1 (header) and 6.8.2 (MSI-X). Base
/// addresses 0 and 1 are one 64-bit memory space, the device's registers; 4 and 5 another one of
/// 4 KiB, the MSI-X table and its pending bits. Under zPCI nobody has to assign addresses: loads
/// and stores name the base address register itself.
struct ConfigurationSpace {
  private var words: [UInt32]
  private var writable: [UInt32]

  /// Where the MSI-X capability stands.
  static let messageCapability = 0x40

  /// The size of the space behind base address 4.
  static let messageSpaceBytes: UInt64 = 4_096

  /// Where the pending bits stand in it.
  static let pendingBitsOffset: UInt64 = 0x800

  init(_ identity: DeviceIdentity) {
    words = Array(repeating: 0, count: 64)
    writable = Array(repeating: 0, count: 64)
    words[0] = UInt32(identity.vendor) | UInt32(identity.device) << 16
    // Command: memory space, bus master, interrupt disable can be written.
    writable[1] = 0x0000_0406
    words[1] = identity.vectors > 0 ? 0x0010_0000 : 0
    words[2] = identity.classCode << 8 | UInt32(identity.revision)
    // 64-bit memory spaces that are not prefetchable: type bits 0100.
    words[4] = 0x4
    writable[4] = ~UInt32(truncatingIfNeeded: identity.registerBytes - 1) & ~0xf
    writable[5] = ~UInt32(truncatingIfNeeded: (identity.registerBytes - 1) >> 32)
    if identity.vectors > 0 {
      words[8] = 0x4
      writable[8] = ~UInt32(Self.messageSpaceBytes - 1)
      writable[9] = .max
      words[13] = UInt32(Self.messageCapability)
      // Capability 0x11, no next; the table's size less one; function mask and enable writable.
      words[16] = 0x11 | UInt32(identity.vectors - 1) << 16
      writable[16] = 0xc000_0000
      words[17] = 4
      words[18] = UInt32(Self.pendingBitsOffset) | 4
    }
  }

  /// Reads `width` bytes (1, 2, 4) at `offset`, a multiple of `width`; zeros beyond the end.
  func read(offset: Int, width: Int) -> UInt32 {
    guard words.indices.contains(offset / 4) else { return 0 }
    return words[offset / 4] >> UInt32(offset % 4 * 8) & Self.mask(width)
  }

  /// Writes the low `width` bytes of `value`, as far as the bits there can be written.
  mutating func write(_ value: UInt32, offset: Int, width: Int) {
    guard words.indices.contains(offset / 4) else { return }
    let shift = UInt32(offset % 4 * 8)
    let mask = Self.mask(width) << shift & writable[offset / 4]
    words[offset / 4] = words[offset / 4] & ~mask | value << shift & mask
  }

  /// Whether the function may do DMA and send messages.
  var isBusMaster: Bool { words[1] & 0x4 != 0 }

  /// Whether MSI-X is enabled, and not masked as a whole.
  var sendsMessages: Bool { words[16] & 0xc000_0000 == 0x8000_0000 }

  private static func mask(_ width: Int) -> UInt32 {
    width >= 4 ? .max : (1 << UInt32(width * 8)) - 1
  }
}
