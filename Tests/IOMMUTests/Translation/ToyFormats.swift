import IOMMU

/// What the toy formats share: bit 0 set for valid, bit 1 for writable, addresses up to 2^40.
///
/// Unlike s390's: an invalid entry is 0, and its levels tell themselves apart in bits 2 to 4.
protocol ToyEntries: TableFormat {}

extension ToyEntries {
  static func invalidEntry(level: Int) -> UInt64 { 0 }
  static func alignmentLog2(level: Int) -> UInt8 { indexBits(level: level) + 3 }
  static func tableEntry(level: Int, child: PhysicalAddress) -> UInt64 {
    child.rawValue << 8 | UInt64(level) << 2 | 1
  }
  static func leafEntry(_ physical: PhysicalAddress, _ permission: DevicePermission) -> UInt64 {
    physical.rawValue << 8 | (permission.allowsWrite ? 3 : 1)
  }
  static func isValid(_ entry: UInt64, level: Int) -> Bool {
    if entry & 1 == 0 { return false }
    precondition(entry >> 2 & 7 == UInt64(level), "an entry of another level")
    return true
  }
  static func child(of entry: UInt64, level: Int) -> PhysicalAddress {
    PhysicalAddress(entry >> 8)
  }
  static func physical(of leaf: UInt64) -> PhysicalAddress { PhysicalAddress(leaf >> 8) }
  static func permission(of leaf: UInt64) -> DevicePermission {
    leaf & 2 == 0 ? .read : .readWrite
  }
  static var physicalLimit: PhysicalAddress { PhysicalAddress((1 << 40) - 1) }
}

/// 2 KiB pages, 4 levels of 4 entries: 512 KiB in all.
enum TinyFormat: ToyEntries {
  static var granule: Granule { Granule(log2: 11)! }
  static var levels: Int { 4 }
  static func indexBits(level: Int) -> UInt8 { 2 }
}

/// 2 KiB pages, 4 entries in a leaf table, and enough levels for the whole 64-bit space.
enum DeepFormat: ToyEntries {
  static var granule: Granule { Granule(log2: 11)! }
  static var levels: Int { 6 }
  static func indexBits(level: Int) -> UInt8 { level == 0 ? 2 : level == 5 ? 11 : 10 }
}

/// One level alone: 64 pages of 64 KiB.
enum FlatFormat: ToyEntries {
  static var granule: Granule { Granule(log2: 16)! }
  static var levels: Int { 1 }
  static func indexBits(level: Int) -> UInt8 { 6 }
}

/// 4 KiB pages, 256 entries in a leaf table, 16 above: 16 MiB.
enum WideFormat: ToyEntries {
  static var granule: Granule { .fourKiB }
  static var levels: Int { 2 }
  static func indexBits(level: Int) -> UInt8 { level == 0 ? 8 : 4 }
}
