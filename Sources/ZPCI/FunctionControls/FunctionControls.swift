public import IOMMU

/// The function information block in format 0: what MPCIFC takes and STPCIFC gives.
///
/// Offsets in the block: format 0, state 8, first DMA address 16, last one 24, designation 32,
/// interruptions 40, bit vector 48, summary bit 56, measurement block 64, guest designation 76.
///
/// Source: Linux arch/s390/include/asm/pci_insn.h, `struct zpci_fib` and `zpci_fib_fmt0`; QEMU
/// include/hw/s390x/s390-pci-inst.h, `ZpciFib`.
public struct FunctionControls: Equatable, Sendable {
  /// What the function is doing: given by STPCIFC only (offset 8, 1 byte).
  public var state = FunctionControlState(rawValue: 0)

  /// The first byte that DMA may use; the low 12 bits do not count (offset 16).
  public var baseAddress: UInt64 = 0

  /// The last byte that DMA may use; the low 12 bits do not count (offset 24).
  public var addressLimit: UInt64 = 0

  /// What DMA goes through (offset 32).
  public var designation = IOATDesignation(rawValue: 0)

  /// Where message interruptions go (offsets 40 to 63).
  public var interruptions = InterruptionControls()

  /// The measurement block's address, its low 4 bits the storage key; 0 for none (offset 64).
  public var measurementBlock = PhysicalAddress(0)

  /// The guest that interruptions are forwarded to, or 0 (offset 76, 4 bytes).
  public var guestDesignation: UInt32 = 0

  /// A block of zeros: set what the operation needs.
  public init() {}

  /// The controls that `block` holds.
  ///
  /// Throws: ``FunctionControlsError/format(_:)`` where the format is not 0.
  public init(block: FunctionInformationBlock) throws(FunctionControlsError) {
    let format = UInt8(truncatingIfNeeded: block.field(at: 0, width: 1))
    if format != 0 { throw .format(format) }
    state = FunctionControlState(
      rawValue: UInt8(truncatingIfNeeded: block.field(at: 8, width: 1)))
    baseAddress = block.field(at: 16, width: 8)
    addressLimit = block.field(at: 24, width: 8)
    designation = IOATDesignation(rawValue: block.field(at: 32, width: 8))
    interruptions = InterruptionControls(
      word: UInt32(truncatingIfNeeded: block.field(at: 40, width: 4)),
      vector: PhysicalAddress(block.field(at: 48, width: 8)),
      summary: PhysicalAddress(block.field(at: 56, width: 8)))
    measurementBlock = PhysicalAddress(block.field(at: 64, width: 8))
    guestDesignation = UInt32(truncatingIfNeeded: block.field(at: 76, width: 4))
  }

  /// Writes the controls into `block`, which is zeroed first.
  public func write(into block: inout FunctionInformationBlock) {
    block = FunctionInformationBlock()
    block.setField(UInt64(state.rawValue), at: 8, width: 1)
    block.setField(baseAddress, at: 16, width: 8)
    block.setField(addressLimit, at: 24, width: 8)
    block.setField(designation.rawValue, at: 32, width: 8)
    block.setField(UInt64(interruptions.word), at: 40, width: 4)
    block.setField(interruptions.vector.rawValue, at: 48, width: 8)
    block.setField(interruptions.summary.rawValue, at: 56, width: 8)
    block.setField(measurementBlock.rawValue, at: 64, width: 8)
    block.setField(UInt64(guestDesignation), at: 76, width: 4)
  }
}

/// Why a function information block cannot be read.
public enum FunctionControlsError: Error, Equatable, Sendable {
  /// The format is not 0.
  case format(UInt8)
}

/// What a function is doing, as STPCIFC tells it.
///
/// Source: Linux arch/s390/include/asm/pci_insn.h, `ZPCI_FIB_FC_*`; QEMU hw/s390x/s390-pci-inst.c,
/// `stpcifc_service_call`, for what goes together: 0x90 translates, 0xf0 went into error while
/// translating, 0xd0 is the same with loads and stores let through again.
@frozen
public struct FunctionControlState: Equatable, Sendable, BitwiseCopyable {
  /// The byte as the block holds it.
  public let rawValue: UInt8

  /// The state of `rawValue`.
  @inlinable
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// The function is enabled.
  @inlinable public static var enabled: FunctionControlState { .init(rawValue: 0x80) }
  /// The function is in error state: its DMA and interruptions go nowhere.
  @inlinable public static var error: FunctionControlState { .init(rawValue: 0x40) }
  /// Loads and stores are refused.
  @inlinable public static var blocked: FunctionControlState { .init(rawValue: 0x20) }
  /// A designation is registered.
  @inlinable public static var translating: FunctionControlState { .init(rawValue: 0x10) }

  /// Whether all of `other` holds.
  @inlinable
  public func contains(_ other: FunctionControlState) -> Bool {
    rawValue & other.rawValue == other.rawValue
  }

  /// This and `other`.
  @inlinable
  public func union(_ other: FunctionControlState) -> FunctionControlState {
    FunctionControlState(rawValue: rawValue | other.rawValue)
  }
}
