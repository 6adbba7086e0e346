/// The condition codes that the zPCI instructions answer with.
///
/// Source: Linux arch/s390/include/asm/pci_insn.h and QEMU include/hw/s390x/s390-pci-inst.h,
/// `ZPCI_PCI_LS_*`.
@frozen
public enum ConditionCode: UInt8, Sendable {
  /// Done.
  case success = 0
  /// Not done; the status says why.
  case error = 1
  /// Not done now; the same again may work.
  case busy = 2
  /// No enabled function has this handle.
  case invalidHandle = 3
}

extension InstructionResult {
  /// The condition code by name; only its two low bits exist.
  @inlinable
  public var condition: ConditionCode {
    switch conditionCode & 3 {
    case 0: .success
    case 1: .error
    case 2: .busy
    default: .invalidHandle
    }
  }

  /// A refusal with `status`: condition code 1.
  @inlinable
  public static func error(_ status: UInt8) -> InstructionResult {
    InstructionResult(conditionCode: ConditionCode.error.rawValue, status: status)
  }

  /// Condition code 2.
  @inlinable
  public static var busy: InstructionResult {
    InstructionResult(conditionCode: ConditionCode.busy.rawValue)
  }

  /// Condition code 3.
  @inlinable
  public static var invalidHandle: InstructionResult {
    InstructionResult(conditionCode: ConditionCode.invalidHandle.rawValue)
  }
}

/// The statuses of PCILG, PCISTG and PCISTB with condition code 1.
///
/// Source: Linux arch/s390/include/asm/pci_insn.h and QEMU include/hw/s390x/s390-pci-inst.h,
/// `ZPCI_PCI_ST_*`.
public enum LoadStoreStatus {
  /// The function is not enabled.
  @inlinable public static var notEnabled: UInt8 { 4 }
  /// The function is in error state.
  @inlinable public static var inError: UInt8 { 8 }
  /// Loads and stores are blocked: the function went into error state.
  @inlinable public static var blocked: UInt8 { 12 }
  /// Not enough resources.
  @inlinable public static var insufficientResources: UInt8 { 16 }
  /// There is no such address space.
  @inlinable public static var invalidSpace: UInt8 { 20 }
  /// The function is enabled already.
  @inlinable public static var alreadyEnabled: UInt8 { 24 }
  /// The DMA space is not enabled.
  @inlinable public static var dmaSpaceNotEnabled: UInt8 { 28 }
  /// A second operand lies in a space that takes none.
  @inlinable public static var secondOperandInvalid: UInt8 { 36 }
  /// The function is not available, as while an error is being recovered.
  @inlinable public static var notAvailable: UInt8 { 40 }
  /// The function is in the requested state already.
  @inlinable public static var alreadyInState: UInt8 { 44 }
}

/// The statuses of MPCIFC with condition code 1.
///
/// Source: QEMU include/hw/s390x/s390-pci-inst.h, `ZPCI_MOD_ST_*`.
public enum ModifyControlsStatus {
  /// Something that the operation needs is not to be had.
  @inlinable public static var resourceNotAvailable: UInt8 { 4 }
  /// Not enough resources.
  @inlinable public static var insufficientResources: UInt8 { 16 }
  /// The operation does not fit the state: registered already, or not registered, or not in error.
  @inlinable public static var sequence: UInt8 { 24 }
  /// There is no such DMA space.
  @inlinable public static var dmaSpaceInvalid: UInt8 { 28 }
  /// The frame size is not one that the function takes.
  @inlinable public static var frameInvalid: UInt8 { 32 }
  /// An error is being recovered.
  @inlinable public static var errorRecovery: UInt8 { 40 }
}

/// The statuses of STPCIFC with condition code 1.
///
/// Source: QEMU include/hw/s390x/s390-pci-inst.h, `ZPCI_STPCIFC_ST_*`.
public enum StoreControlsStatus {
  /// The function is in an error state that nothing but deconfiguring it ends.
  @inlinable public static var permanentError: UInt8 { 8 }
  /// There is no such DMA space.
  @inlinable public static var dmaSpaceInvalid: UInt8 { 28 }
  /// An error is being recovered.
  @inlinable public static var errorRecovery: UInt8 { 40 }
}

/// The statuses of RPCIT with condition code 1.
///
/// Source: QEMU include/hw/s390x/s390-pci-inst.h, `ZPCI_RPCIT_ST_INSUFF_RES`, and
/// hw/s390x/s390-pci-inst.c, `rpcit_service_call`; Linux arch/s390/pci/pci_insn.c,
/// `zpci_refresh_trans`, which takes 4 and 16 for the same thing.
public enum RefreshStatus {
  /// Something that the refresh needs is not to be had; to Linux the same as 16.
  @inlinable public static var resourceNotAvailable: UInt8 { 4 }
  /// The table or the range was wrong, and the function is in error state now.
  @inlinable public static var inError: UInt8 { 8 }
  /// The hypervisor cannot pin or shadow more.
  @inlinable public static var insufficientResources: UInt8 { 16 }
  /// The function was in error state already.
  @inlinable public static var errorRecovery: UInt8 { 40 }
}
