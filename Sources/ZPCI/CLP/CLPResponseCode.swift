/// The commands of CLP that concern PCI.
///
/// Source: Linux arch/s390/include/asm/pci_clp.h and QEMU include/hw/s390x/s390-pci-clp.h.
@frozen
public enum CLPCommand: UInt16, Sendable {
  /// Lists the functions.
  case listFunctions = 0x0002
  /// Tells about one function.
  case queryFunction = 0x0003
  /// Tells what the functions of a group have in common.
  case queryGroup = 0x0004
  /// Enables or disables a function.
  case setFunction = 0x0005
}

/// How a CLP command ended.
///
/// Source: Linux arch/s390/include/asm/clp.h and pci_clp.h, `CLP_RC_*`; QEMU
/// include/hw/s390x/s390-pci-clp.h, the same names.
@frozen
public struct CLPResponseCode: Equatable, Sendable, BitwiseCopyable {
  /// The code as the response holds it.
  public let rawValue: UInt16

  /// The code `rawValue`.
  @inlinable
  public init(_ rawValue: UInt16) {
    self.rawValue = rawValue
  }

  /// Done.
  @inlinable public static var success: CLPResponseCode { CLPResponseCode(0x0010) }
  /// The command is unknown.
  @inlinable public static var unknownCommand: CLPResponseCode { CLPResponseCode(0x0020) }
  /// The command is not permitted.
  @inlinable public static var notAuthorized: CLPResponseCode { CLPResponseCode(0x0030) }
  /// The request's format is unknown.
  @inlinable public static var invalidFormat: CLPResponseCode { CLPResponseCode(0x0040) }
  /// The request's or the response's length is wrong.
  @inlinable public static var invalidLength: CLPResponseCode { CLPResponseCode(0x0050) }
  /// The response does not fit.
  @inlinable public static var blockTooSmall: CLPResponseCode { CLPResponseCode(0x0060) }
  /// A reserved field is not zero.
  @inlinable public static var reservedNotZero: CLPResponseCode { CLPResponseCode(0x0070) }
  /// There is nothing to tell.
  @inlinable public static var noData: CLPResponseCode { CLPResponseCode(0x0080) }
  /// The function code is unknown.
  @inlinable public static var unknownFunctionCode: CLPResponseCode { CLPResponseCode(0x0100) }
  /// No function has this handle.
  @inlinable public static var invalidHandle: CLPResponseCode { CLPResponseCode(0x0101) }
  /// The handle does not fit the operation: enabled already, or not enabled.
  @inlinable public static var handleNotValidForOperation: CLPResponseCode {
    CLPResponseCode(0x0102)
  }
  /// The number of DMA spaces is wrong.
  @inlinable public static var invalidDMASpaces: CLPResponseCode { CLPResponseCode(0x0103) }
  /// Not enough resources.
  @inlinable public static var insufficientResources: CLPResponseCode { CLPResponseCode(0x0104) }
  /// The function is in the requested state already.
  @inlinable public static var alreadyInState: CLPResponseCode { CLPResponseCode(0x0105) }
  /// The function is in an error state that nothing but deconfiguring it ends.
  @inlinable public static var permanentError: CLPResponseCode { CLPResponseCode(0x0106) }
  /// An error is being recovered.
  @inlinable public static var recoveryPending: CLPResponseCode { CLPResponseCode(0x0107) }
  /// The function is busy; the same again may work.
  @inlinable public static var busy: CLPResponseCode { CLPResponseCode(0x0108) }
  /// The resume token is unknown.
  @inlinable public static var badResumeToken: CLPResponseCode { CLPResponseCode(0x010a) }
  /// The group is unknown.
  @inlinable public static var unknownGroup: CLPResponseCode { CLPResponseCode(0x010b) }
}

/// Why a CLP command gave no answer that can be used.
public enum CLPError: Error, Equatable, Sendable {
  /// The instruction itself did not run.
  case conditionCode(UInt8)
  /// The machine refused the command.
  case refused(CLPResponseCode)
  /// The response's length is not one that the command's response can have.
  case responseLength(UInt16)
  /// The response's format is not 0.
  case responseFormat(UInt8)
  /// A list entry's size is not 16 bytes.
  case entrySize(UInt8)
  /// The list goes on without end, or in circles, after so many entries.
  case listDoesNotEnd(entries: UInt32)
  /// The first DMA address lies above the last one.
  case dmaRange(start: UInt64, end: UInt64)
  /// A BAR's size is not a power of two that 64 bits hold; `log2` is what the response says.
  case barSize(bar: Int, log2: UInt8)
  /// Enabling or disabling gave a handle whose bit 31 says the opposite.
  case handle(FunctionHandle)
}

/// How a machine refuses a request.
@frozen
public struct CLPRefusal: Error, Equatable, Sendable {
  /// The code to answer with.
  public let code: CLPResponseCode

  /// A refusal with `code`.
  @inlinable
  public init(_ code: CLPResponseCode) {
    self.code = code
  }
}
