public import IOMMU

/// s390's I/O translation tables with `levelCount` levels, 2 to 5, and pages of 4 KiB.
///
/// From the leaves up: page table (256 entries, 1 MiB), segment table (2048 entries, 2 GiB), region
/// third (4 TiB), region second (8 PiB), region first (all 64 bits).
///
/// | feature | value | note |
/// |---|---|---|
/// | page size | 4 KiB | 1 MiB and 2 GiB frames are unsupported |
/// | permissions | read, read and write | reading cannot be forbidden |
/// | levels | 3 | every machine; what QEMU `reg_ioat` takes |
/// | levels | 4, 5 | where the function's group says so; Linux uses them since 6.16 |
/// | levels | 2 | the architecture has it; Linux and QEMU do not use it |
///
/// Sources: see ``S390Entry``; region second and first are set up as Linux `drivers/iommu/
/// s390-iommu.c` does (`set_rs_rto`, `set_rf_rso`, `validate_rs_entry`, `validate_rf_entry`).
public enum S390Format<let levelCount: Int>: TableFormat {
  /// 4 KiB.
  @inlinable public static var granule: Granule { .fourKiB }

  /// 2 to 5.
  @inlinable public static var levels: Int {
    precondition(levelCount >= 2 && levelCount <= 5, "s390 tables have 2 to 5 levels")
    return levelCount
  }

  /// 8 for page tables, 11 above.
  @inlinable
  public static func indexBits(level: Int) -> UInt8 {
    level == 0 ? S390Entry.pageTableBits : S390Entry.tableBits
  }

  /// A table is aligned to its size: 2 KiB for page tables, 16 KiB above.
  @inlinable
  public static func alignmentLog2(level: Int) -> UInt8 {
    level == 0 ? S390Entry.pageTableAlignmentLog2 : S390Entry.tableAlignmentLog2
  }

  /// 0x400 for pages, 0x20 above.
  @inlinable
  public static func invalidEntry(level: Int) -> UInt64 {
    level == 0 ? S390Entry.pageInvalid : S390Entry.tableInvalid
  }

  /// The origin with its type; a region entry also has the length of a whole table.
  @inlinable
  public static func tableEntry(level: Int, child: PhysicalAddress) -> UInt64 {
    let flags = S390Entry.type(level: level) | (level > 1 ? S390Entry.fullLength : 0)
    return child.rawValue & originMask(level: level) | flags
  }

  /// The page, with the protection bit for pages that may only be read.
  ///
  /// The page at address 0, read and write, gives an entry of all zeros, which QEMU refuses to use:
  /// that page holds the processors' own fields and is never meant for a device.
  @inlinable
  public static func leafEntry(
    _ physical: PhysicalAddress, _ permission: DevicePermission
  ) -> UInt64 {
    physical.rawValue & S390Entry.pageMask | (permission.allowsWrite ? 0 : S390Entry.protected)
  }

  /// Whether the invalid bit of that level is clear.
  @inlinable
  public static func isValid(_ entry: UInt64, level: Int) -> Bool {
    entry & invalidEntry(level: level) == 0
  }

  /// The invalid bit of page entries, which alone makes one invalid.
  @inlinable public static var invalidLeafBit: UInt64 { S390Entry.pageInvalid }

  /// The origin in the entry.
  @inlinable
  public static func child(of entry: UInt64, level: Int) -> PhysicalAddress {
    PhysicalAddress(entry & originMask(level: level))
  }

  /// The page in the entry.
  @inlinable
  public static func physical(of leaf: UInt64) -> PhysicalAddress {
    PhysicalAddress(leaf & S390Entry.pageMask)
  }

  /// Reading, and writing too unless the page is protected.
  @inlinable
  public static func permission(of leaf: UInt64) -> DevicePermission {
    leaf & S390Entry.protected == 0 ? .readWrite : .read
  }

  /// Everything: a page entry has all 52 bits of the page.
  @inlinable public static var physicalLimit: PhysicalAddress { PhysicalAddress(.max) }

  @inlinable
  static func originMask(level: Int) -> UInt64 {
    level == 1 ? S390Entry.segmentOriginMask : S390Entry.regionOriginMask
  }
}

/// Segment and page tables: 2 GiB.
public typealias S390TwoLevel = S390Format<2>

/// Region-third, segment and page tables, 4 TiB: what every machine has.
public typealias S390ThreeLevel = S390Format<3>

/// Region-second tables above those: 8 PiB.
public typealias S390FourLevel = S390Format<4>

/// Region-first tables above those: all 64 bits.
public typealias S390FiveLevel = S390Format<5>
