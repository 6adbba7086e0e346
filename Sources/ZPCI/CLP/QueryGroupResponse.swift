/// What the functions of a group have in common.
///
/// Source: Linux arch/s390/include/asm/pci_clp.h, `struct clp_rsp_query_pci_grp`; QEMU
/// include/hw/s390x/s390-pci-clp.h, `ClpRspQueryPciGrp`. The offsets at the fields are those in the
/// block.
public struct QueryGroupResponse: Equatable, Sendable {
  /// The greatest number of interruptions that a function may register (offset 48, 12 bits).
  public var interruptionCountMax: UInt16 = 0

  /// The version of the PCI standard (offset 50, 1 byte).
  public var version: UInt8 = 0

  /// What the functions need and can do (offset 51, 1 byte).
  public var flags = Flags(rawValue: 0)

  /// The greatest number of bytes that one PCISTB takes (offset 52, 13 bits).
  public var storeBlockByteCountMax: UInt16 = 0

  /// How often the measurement block is updated, in milliseconds (offset 54, 2 bytes).
  public var measurementIntervalMilliseconds: UInt16 = 0

  /// Which tables a designation may name (offset 56, 1 byte).
  public var designationTypes = DesignationTypes(rawValue: 0)

  /// The mask of DMA addresses (offset 64, 8 bytes).
  public var dmaMask: UInt64 = 0

  /// The address to which a function's message interruptions are written (offset 72, 8 bytes).
  public var messageAddress: UInt64 = 0

  /// What the functions need and can do.
  @frozen
  public struct Flags: Equatable, Sendable, BitwiseCopyable {
    /// The byte as the response holds it.
    public let rawValue: UInt8

    /// The flags of `rawValue`.
    @inlinable
    public init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    /// Every change of the table has to be announced by RPCIT, also one that only adds.
    @inlinable public static var refreshRequired: Flags { Flags(rawValue: 0x01) }
    /// Frames larger than a page may be translated.
    @inlinable public static var largeFrames: Flags { Flags(rawValue: 0x02) }
    /// A designation may ask for no translation at all.
    ///
    /// Source: QEMU include/hw/s390x/s390-pci-clp.h, `CLP_RSP_QPCIG_MASK_RTR`, release 10.1.
    @inlinable public static var relaxedTranslation: Flags { Flags(rawValue: 0x20) }

    /// Whether all of `other` are set here.
    @inlinable
    public func contains(_ other: Flags) -> Bool { rawValue & other.rawValue == other.rawValue }

    /// These and `other`.
    @inlinable
    public func union(_ other: Flags) -> Flags { Flags(rawValue: rawValue | other.rawValue) }
  }

  /// Which tables a designation may name: one bit a type, the leftmost for type 0.
  ///
  /// Source: QEMU include/hw/s390x/s390-pci-bus.h, `ZPCI_DTSM` = 0x40 for the one type 1 that it
  /// takes. Linux drivers/iommu/s390-iommu.c, `zpci_init_iommu` from release 6.16, tests the types
  /// above 1 by other bits (2 << 2 and 3 << 2); the architecture's text is not public. Type 1 is
  /// never tested, because every machine has it.
  @frozen
  public struct DesignationTypes: Equatable, Sendable, BitwiseCopyable {
    /// The byte as the response holds it.
    public let rawValue: UInt8

    /// The types of `rawValue`.
    @inlinable
    public init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    /// Whether a table whose root is `rootLevel` may be designated.
    public func contains(rootLevel: Int) -> Bool {
      switch rootLevel {
      case 2: true
      case 1: rawValue & 0x80 != 0
      case 3: rawValue & 0x20 != 0
      case 4: rawValue & 0x10 != 0
      default: false
      }
    }
  }

  /// A response of zeros; set what there is.
  public init() {}

  static var byteCount: UInt16 { 64 }

  /// The response that `block` holds.
  ///
  /// Throws: ``CLPError/refused(_:)``, ``CLPError/responseLength(_:)``,
  /// ``CLPError/responseFormat(_:)``.
  public init(block: CLPBlock) throws(CLPError) {
    try block.checkResponseHeader(atLeast: Self.byteCount)
    interruptionCountMax = UInt16(truncatingIfNeeded: block.field(at: 48, width: 2) & 0xfff)
    version = UInt8(truncatingIfNeeded: block.field(at: 50, width: 1))
    flags = Flags(rawValue: UInt8(truncatingIfNeeded: block.field(at: 51, width: 1)))
    storeBlockByteCountMax = UInt16(truncatingIfNeeded: block.field(at: 52, width: 2) & 0x1fff)
    measurementIntervalMilliseconds = UInt16(truncatingIfNeeded: block.field(at: 54, width: 2))
    designationTypes = DesignationTypes(
      rawValue: UInt8(truncatingIfNeeded: block.field(at: 56, width: 1)))
    dmaMask = block.field(at: 64, width: 8)
    messageAddress = block.field(at: 72, width: 8)
  }

  /// Writes the response into `block` as a success of 64 bytes.
  public func write(into block: inout CLPBlock) {
    block.setResponseHeader(byteCount: Self.byteCount)
    block.setField(UInt64(interruptionCountMax & 0xfff), at: 48, width: 2)
    block.setField(UInt64(version), at: 50, width: 1)
    block.setField(UInt64(flags.rawValue), at: 51, width: 1)
    block.setField(UInt64(storeBlockByteCountMax & 0x1fff), at: 52, width: 2)
    block.setField(UInt64(measurementIntervalMilliseconds), at: 54, width: 2)
    block.setField(UInt64(designationTypes.rawValue), at: 56, width: 1)
    block.setField(dmaMask, at: 64, width: 8)
    block.setField(messageAddress, at: 72, width: 8)
  }
}
