/// What a machine tells about one function.
///
/// The numbers are the machine's word: only the DMA range and the BAR sizes are checked.
///
/// Source: Linux arch/s390/include/asm/pci_clp.h, `struct clp_rsp_query_pci` (384 bytes, with the
/// addresses for memory-mapped I/O); QEMU include/hw/s390x/s390-pci-clp.h, `ClpRspQueryPci`, which
/// fills the first 192 bytes. The offsets at the fields are those in the block.
public struct QueryFunctionResponse: Sendable {
  /// The virtual function's number (offset 48, 2 bytes).
  public var virtualFunction: UInt16 = 0

  /// What the response has and the function is (offset 50, 1 byte).
  public var flags = Flags(rawValue: 0)

  /// The group whose query tells the rest (offset 51, 1 byte).
  public var group: UInt8 = 0

  /// The number by which people name the function (offset 52, 4 bytes).
  public var functionID: UInt32 = 0

  /// The binary logarithms of the BARs' sizes in bytes; 0 where there is no BAR (offset 56).
  public var barSizesLog2 = InlineArray<6, UInt8>(repeating: 0)

  /// The physical channel's number (offset 62, 2 bytes).
  public var physicalChannel: UInt16 = 0

  /// The BARs as configuration space has them (offset 64, 4 bytes each).
  ///
  /// Linux reads them as little-endian; QEMU's `clp_service_call` stores them big-endian. The
  /// layout here follows Linux, and the driver uses none of them: loads and stores name a BAR by
  /// number.
  public var bars = InlineArray<6, UInt32>(repeating: 0)

  /// The internal path to the function, its first segment in the most significant byte (offset 88).
  public var internalPath: UInt32 = 0

  /// The port's number, 0 to 15 (offset 92, the low 4 bits of 2 bytes).
  public var port: UInt8 = 0

  /// The length of the measurement block in words of 4 bytes; 0 where there is none (offset 94).
  public var measurementWords: UInt8 = 0

  /// What kind of function it is (offset 95, 1 byte).
  public var type = FunctionType(0)

  /// The first byte that the function may use for DMA (offset 96, 8 bytes).
  public var dmaStart: UInt64 = 0

  /// The last byte that the function may use for DMA (offset 104, 8 bytes).
  public var dmaEnd: UInt64 = 0

  /// The bus, device and function number; valid with ``Flags/hasRequesterID`` (offset 112).
  public var requesterID: UInt16 = 0

  /// The number that an administrator gave the function (offset 156, 4 bytes).
  public var userID: UInt32 = 0

  /// A text of 64 bytes; valid with ``Flags/hasUtilityString`` (offset 160).
  public var utilityString = InlineArray<64, UInt8>(repeating: 0)

  /// What the response has and the function is.
  @frozen
  public struct Flags: Equatable, Sendable, BitwiseCopyable {
    /// The byte as the response holds it.
    public let rawValue: UInt8

    /// The flags of `rawValue`.
    @inlinable
    public init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    /// Whether there is a utility string.
    @inlinable public var hasUtilityString: Bool { rawValue & 0x01 != 0 }
    /// Whether there are addresses for memory-mapped I/O; the driver does not use them.
    @inlinable public var hasMemoryMappedAddresses: Bool { rawValue & 0x02 != 0 }
    /// Whether it is a physical function with virtual ones beside it.
    @inlinable public var isPhysicalFunction: Bool { rawValue & 0x08 != 0 }
    /// Whether the requester's number is valid.
    @inlinable public var hasRequesterID: Bool { rawValue & 0x10 != 0 }
  }

  /// A response of zeros; set what there is.
  public init() {}

  static var byteCount: UInt16 { 384 }
  private static var filledByteCount: UInt16 { 192 }

  /// The response that `block` holds.
  ///
  /// Throws: ``CLPError/refused(_:)``, ``CLPError/responseLength(_:)``,
  /// ``CLPError/responseFormat(_:)``; ``CLPError/dmaRange(start:end:)`` where the DMA range is
  /// reversed; ``CLPError/barSize(bar:log2:)`` where a size exceeds 2 to the power 63.
  public init(block: CLPBlock) throws(CLPError) {
    try block.checkResponseHeader(atLeast: Self.filledByteCount)
    virtualFunction = UInt16(truncatingIfNeeded: block.field(at: 48, width: 2))
    flags = Flags(rawValue: UInt8(truncatingIfNeeded: block.field(at: 50, width: 1)))
    group = UInt8(truncatingIfNeeded: block.field(at: 51, width: 1))
    functionID = UInt32(truncatingIfNeeded: block.field(at: 52, width: 4))
    for bar in 0..<6 {
      let log2 = UInt8(truncatingIfNeeded: block.field(at: 56 + bar, width: 1))
      if log2 > 63 { throw .barSize(bar: bar, log2: log2) }
      barSizesLog2[bar] = log2
      bars[bar] =
        UInt32(truncatingIfNeeded: block.field(at: 64 + bar * 4, width: 4)).byteSwapped
    }
    physicalChannel = UInt16(truncatingIfNeeded: block.field(at: 62, width: 2))
    internalPath = UInt32(truncatingIfNeeded: block.field(at: 88, width: 4))
    port = UInt8(truncatingIfNeeded: block.field(at: 92, width: 2) & 0xf)
    measurementWords = UInt8(truncatingIfNeeded: block.field(at: 94, width: 1))
    type = FunctionType(UInt8(truncatingIfNeeded: block.field(at: 95, width: 1)))
    dmaStart = block.field(at: 96, width: 8)
    dmaEnd = block.field(at: 104, width: 8)
    if dmaStart > dmaEnd { throw .dmaRange(start: dmaStart, end: dmaEnd) }
    requesterID = UInt16(truncatingIfNeeded: block.field(at: 112, width: 2))
    userID = UInt32(truncatingIfNeeded: block.field(at: 156, width: 4))
    for index in 0..<64 {
      utilityString[index] = UInt8(truncatingIfNeeded: block.field(at: 160 + index, width: 1))
    }
  }

  /// Writes the response into `block` as a success of 384 bytes.
  public func write(into block: inout CLPBlock) {
    block.setResponseHeader(byteCount: Self.byteCount)
    block.setField(UInt64(virtualFunction), at: 48, width: 2)
    block.setField(UInt64(flags.rawValue), at: 50, width: 1)
    block.setField(UInt64(group), at: 51, width: 1)
    block.setField(UInt64(functionID), at: 52, width: 4)
    for bar in 0..<6 {
      block.setField(UInt64(barSizesLog2[bar]), at: 56 + bar, width: 1)
      block.setField(UInt64(bars[bar].byteSwapped), at: 64 + bar * 4, width: 4)
    }
    block.setField(UInt64(physicalChannel), at: 62, width: 2)
    block.setField(UInt64(internalPath), at: 88, width: 4)
    block.setField(UInt64(port & 0xf), at: 92, width: 2)
    block.setField(UInt64(measurementWords), at: 94, width: 1)
    block.setField(UInt64(type.rawValue), at: 95, width: 1)
    block.setField(dmaStart, at: 96, width: 8)
    block.setField(dmaEnd, at: 104, width: 8)
    block.setField(UInt64(requesterID), at: 112, width: 2)
    block.setField(UInt64(userID), at: 156, width: 4)
    for index in 0..<64 {
      block.setField(UInt64(utilityString[index]), at: 160 + index, width: 1)
    }
  }
}

/// What kind of function a function is: a number that the machine gives.
@frozen
public struct FunctionType: Equatable, Sendable, BitwiseCopyable {
  /// The number as the response holds it.
  public let rawValue: UInt8

  /// The type of number `rawValue`.
  @inlinable
  public init(_ rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Internal shared memory, whose translations may never be left stale.
  ///
  /// Source: QEMU include/hw/s390x/s390-pci-bus.h, `ZPCI_PFT_ISM`; Linux
  /// drivers/iommu/s390-iommu.c, `s390_iommu_capable` from release 6.7.
  @inlinable public static var internalSharedMemory: FunctionType { FunctionType(5) }
}
