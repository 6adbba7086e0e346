public import IOMMU

/// What a function's DMA goes through: a translation table, or nothing at all.
///
/// The word holds the table's origin, bit 11 for translation, the storage key from bit 5 (0 here), the
/// table's type in bits 4…2 and the frame size in bits 1…0 (0 for 4 KiB).
///
/// Source: Linux arch/s390/include/asm/pci_dma.h, `ZPCI_IOTA_*`, and arch/s390/pci/pci.c,
/// `zpci_register_ioat`; QEMU include/hw/s390x/s390-pci-bus.h, the same names.
@frozen
public struct IOATDesignation: Equatable, Sendable, BitwiseCopyable {
  /// The word as the function information block holds it.
  public let rawValue: UInt64

  /// The word as it was found: what a machine takes apart.
  @inlinable
  public init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// The table at `root`, whose top level is `rootLevel`.
  ///
  /// Level 1 is a segment table (type 0), 2 a region third table (1), 3 a region second table (2),
  /// 4 a region first table (3). Each is 16 KiB, aligned to its size.
  @inlinable
  public init(root: PhysicalAddress, rootLevel: Int) {
    precondition(rootLevel >= 1 && rootLevel <= 4, "a root level is 1 to 4")
    precondition(root.isAligned(log2: 14), "a root table is aligned to 16 KiB")
    rawValue = root.rawValue | Self.translationBit | UInt64(rootLevel &- 1) &<< 2
  }

  /// No translation: device addresses are memory's plus a constant.
  ///
  /// Source: Linux drivers/iommu/s390-iommu.c, `s390_iommu_domain_reg_ioat`, which registers 0; QEMU
  /// hw/s390x/s390-pci-inst.c, `reg_ioat`, which then maps memory from the DMA range's start.
  @inlinable
  public static var identity: IOATDesignation { IOATDesignation(rawValue: 0) }

  /// Whether DMA is translated: bit 11.
  @inlinable
  public var isTranslated: Bool { rawValue & Self.translationBit != 0 }

  /// The type of table, 0 to 7.
  @inlinable
  public var type: UInt8 { UInt8(truncatingIfNeeded: rawValue &>> 2 & 7) }

  /// The level of the table, or `nil` where the type is not one of a table.
  @inlinable
  public var rootLevel: Int? { isTranslated && type <= 3 ? Int(type) &+ 1 : nil }

  /// The table's address.
  @inlinable
  public var root: PhysicalAddress { PhysicalAddress(rawValue & ~0xfff) }

  @usableFromInline
  static var translationBit: UInt64 { 0x800 }
}
