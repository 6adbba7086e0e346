/// The bits of the entries of s390's I/O translation tables.
///
/// Sources: Linux `arch/s390/include/asm/pci_dma.h` and QEMU `include/hw/s390x/s390-pci-bus.h`,
/// which name the same constants; each is given with its name there. Entries are 64 bits, most
/// significant byte first in memory.
public enum S390Entry {
  /// A region or segment entry translates nothing (`ZPCI_TABLE_INVALID`).
  ///
  /// An entry that is all zeros is no substitute: QEMU `table_translate` raises an error for it.
  @inlinable public static var tableInvalid: UInt64 { 0x20 }

  /// A page entry translates nothing (`ZPCI_PTE_INVALID`).
  @inlinable public static var pageInvalid: UInt64 { 0x400 }

  /// The device may only read what lies below the entry, of any level (`ZPCI_TABLE_PROTECTED`).
  @inlinable public static var protected: UInt64 { 0x200 }

  /// A segment entry gives a frame of 1 MiB itself (QEMU `ZPCI_TABLE_FC`); never set here.
  @inlinable public static var formatControl: UInt64 { 0x400 }

  /// Where the level is told (`ZPCI_TABLE_TYPE_MASK`); it must be the one that the walk expects.
  @inlinable public static var typeMask: UInt64 { 0xc }

  /// The type of the entries of `level`, 1 or more: segment 0, then region third 0x4, second 0x8,
  /// first 0xc (`ZPCI_TABLE_TYPE_SX`, `…_RTX`, `…_RSX`, `…_RFX`).
  @inlinable
  public static func type(level: Int) -> UInt64 {
    UInt64(truncatingIfNeeded: level &- 1) &<< 2
  }

  /// A region entry's table length, in quarters less one: that of the whole table.
  ///
  /// `ZPCI_TABLE_LEN_RTX`, and the same for the two levels above. QEMU `table_translate` refuses
  /// any other.
  @inlinable public static var fullLength: UInt64 { 0x3 }

  /// A region entry's table offset, which is 0 for a whole table (`ZPCI_TABLE_OFFSET_MASK`).
  @inlinable public static var offsetMask: UInt64 { 0xc0 }

  /// Where a region entry holds the table below, 16 KiB aligned (`ZPCI_RTE_ADDR_MASK`).
  @inlinable public static var regionOriginMask: UInt64 { ~0x3fff }

  /// Where a segment entry holds the page table, 2 KiB aligned (`ZPCI_STE_ADDR_MASK`).
  @inlinable public static var segmentOriginMask: UInt64 { ~0x7ff }

  /// Where a page entry holds the page (`ZPCI_PTE_ADDR_MASK`).
  @inlinable public static var pageMask: UInt64 { ~0xfff }

  /// The address bits that index a region or segment table: 2048 entries (`ZPCI_TABLE_BITS`).
  @inlinable public static var tableBits: UInt8 { 11 }

  /// The address bits that index a page table: 256 entries (`ZPCI_PT_BITS`).
  @inlinable public static var pageTableBits: UInt8 { 8 }

  /// The alignment of a region or segment table, and its size: 16 KiB (`ZPCI_TABLE_ALIGN`).
  @inlinable public static var tableAlignmentLog2: UInt8 { 14 }

  /// The alignment of a page table, and its size: 2 KiB (`ZPCI_PT_ALIGN`).
  @inlinable public static var pageTableAlignmentLog2: UInt8 { 11 }
}
