/// The register operand that names a function and, where the instruction has one, what to do with
/// it.
///
/// Bits 63…32 hold the handle, 23…16 the space, 7…0 the length in bytes or the operation; the other
/// bits are zero on the way in, and bits 31…24 take the status on the way out.
///
/// Source: Linux arch/s390/include/asm/pci_io.h, `ZPCI_CREATE_REQ`; QEMU hw/s390x/s390-pci-inst.c,
/// `pcilg_service_call` and `mpcifc_service_call`.
@frozen
public struct RequestWord: Equatable, Sendable, BitwiseCopyable {
  /// The register's content.
  public let rawValue: UInt64

  /// The word as a register holds it: what a machine takes apart.
  @inlinable
  public init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// The operand of STPCIFC for DMA space 0, and the first one of RPCIT.
  @inlinable
  public init(_ handle: FunctionHandle) {
    rawValue = UInt64(handle.rawValue) &<< 32
  }

  /// The operand of PCILG, PCISTG and PCISTB for `length` bytes of `space`.
  @inlinable
  public init(_ handle: FunctionHandle, space: PCIAddressSpace, length: UInt8) {
    rawValue =
      UInt64(handle.rawValue) &<< 32 | UInt64(space.rawValue) &<< 16 | UInt64(length)
  }

  /// The operand of MPCIFC for `operation` on DMA space 0, the only one that functions have.
  @inlinable
  public init(_ handle: FunctionHandle, operation: FunctionControlOperation) {
    rawValue = UInt64(handle.rawValue) &<< 32 | UInt64(operation.rawValue)
  }

  /// The function's handle.
  @inlinable
  public var handle: FunctionHandle {
    FunctionHandle(UInt32(truncatingIfNeeded: rawValue &>> 32))
  }

  /// The address space or DMA space.
  @inlinable
  public var space: UInt8 { UInt8(truncatingIfNeeded: rawValue &>> 16) }

  /// The number of bytes, or the operation of MPCIFC.
  @inlinable
  public var length: UInt8 { UInt8(truncatingIfNeeded: rawValue) }
}

/// What a load or store reaches: the registers behind one of six BARs, or configuration space.
///
/// Source: Linux arch/s390/include/asm/pci_insn.h, `ZPCI_PCIAS_*`; QEMU
/// include/hw/s390x/s390-pci-inst.h, `ZPCI_IO_BAR_MIN`, `ZPCI_IO_BAR_MAX`, `ZPCI_CONFIG_BAR`.
@frozen
public struct PCIAddressSpace: Equatable, Sendable, BitwiseCopyable {
  /// The number: 0 to 5 for BARs, 15 for configuration space.
  public let rawValue: UInt8

  /// The registers behind base address register `bar`, or `nil` outside 0 to 5.
  @inlinable
  public init?(bar: Int) {
    if bar < 0 || bar > 5 { return nil }
    rawValue = UInt8(truncatingIfNeeded: bar)
  }

  /// The space of number `rawValue`, or `nil` where there is none.
  @inlinable
  public init?(rawValue: UInt8) {
    if rawValue > 5 && rawValue != 15 { return nil }
    self.rawValue = rawValue
  }

  @usableFromInline
  init(known rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Configuration space.
  @inlinable
  public static var configuration: PCIAddressSpace { PCIAddressSpace(known: 15) }

  /// The number of the BAR, or `nil` for configuration space.
  @inlinable
  public var bar: Int? { rawValue <= 5 ? Int(rawValue) : nil }
}

/// What MPCIFC is asked to do.
///
/// Source: Linux arch/s390/include/asm/pci_insn.h and QEMU include/hw/s390x/s390-pci-inst.h,
/// `ZPCI_MOD_FC_*`. The operations 16 and 17 (interruptions directed at one processor) are not
/// used.
@frozen
public enum FunctionControlOperation: UInt8, Sendable {
  /// Names the bit vectors that message interruptions set.
  case registerInterruption = 2
  /// Takes the bit vectors back.
  case deregisterInterruption = 3
  /// Names the translation table.
  case registerTranslation = 4
  /// Takes the translation table back: the function reaches no memory.
  case deregisterTranslation = 5
  /// Replaces the translation table.
  case reregisterTranslation = 6
  /// Leaves the error state.
  case resetError = 7
  /// Lets loads and stores through again in the error state, while DMA stays blocked.
  case resetBlock = 9
  /// Names the measurement block, or stops measuring where its address is zero.
  case setMeasurement = 10
}
