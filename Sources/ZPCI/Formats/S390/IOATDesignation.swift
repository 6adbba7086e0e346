public import IOMMU

/// What a function is told of its translation table: the I/O address translation designation, with
/// which MPCIFC registers it.
///
/// Sources: Linux `arch/s390/include/asm/pci_dma.h` (`enum zpci_ioat_dtype`, `ZPCI_IOTA_…`), and
/// for more levels than three `drivers/iommu/s390-iommu.c` (`get_iota_region_flag`); QEMU
/// `hw/s390x/s390-pci-inst.c` (`reg_ioat`), which takes region-third tables alone.
@frozen
public struct IOATDesignation: Equatable, Sendable, BitwiseCopyable {
  /// The designation as the function information block holds it.
  public let rawValue: UInt64

  /// A designation as it was read.
  @inlinable
  public init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// Translation by the table at `root`, whose top level is `rootLevel`, 1 to 4 counted from the
  /// leaves at 0; `nil` for another level and where `root` is not aligned to 16 KiB.
  ///
  /// The storage key is 0, as Linux has it (`ZPCI_KEY`).
  @inlinable
  public init?(root: PhysicalAddress, rootLevel: Int) {
    if rootLevel < 1 || rootLevel > 4 { return nil }
    if !root.isAligned(log2: S390Entry.tableAlignmentLog2) { return nil }
    rawValue =
      root.rawValue | Self.translationEnabled | UInt64(rootLevel - 1) &<< Self.typeShift
  }

  /// No translation: the function uses addresses as they are, offset by the machine.
  ///
  /// Only for functions that allow relaxed translation. Source: Linux `arch/s390/pci/pci.c`
  /// (`zpci_register_ioat`), QEMU `reg_ioat`, which refuses it otherwise.
  @inlinable public static var untranslated: IOATDesignation { IOATDesignation(rawValue: 0) }

  /// Whether accesses are translated (`ZPCI_IOTA_IOT_ENABLED`).
  @inlinable public var isTranslating: Bool { rawValue & Self.translationEnabled != 0 }

  /// Whether the device may only read, whatever the tables say: the bit means here what it means in
  /// an entry (QEMU `s390_guest_io_table_walk`).
  @inlinable public var isProtected: Bool { rawValue & S390Entry.protected != 0 }

  /// The designation type, 0 to 7: a table's level less one up to 3 (`ZPCI_IOTA_STO` to
  /// `ZPCI_IOTA_RFTO`); the others designate no table of that kind.
  @inlinable public var type: UInt8 { UInt8((rawValue &>> Self.typeShift) & 7) }

  /// The level of the root, or `nil` where no region or segment table is designated.
  @inlinable public var rootLevel: Int? {
    isTranslating && type <= 3 ? Int(type) + 1 : nil
  }

  /// The table's address.
  @inlinable public var root: PhysicalAddress {
    PhysicalAddress(rawValue & S390Entry.regionOriginMask)
  }

  @inlinable static var translationEnabled: UInt64 { 0x800 }
  @inlinable static var typeShift: UInt64 { 2 }
}
