/// A CLP command for PCI, as the driver encodes it and a machine decodes it.
///
/// Each is 32 bytes; fields not named here are zero.
///
/// Source: Linux arch/s390/include/asm/pci_clp.h, `struct clp_req_*`; QEMU
/// include/hw/s390x/s390-pci-clp.h, `ClpReq*`. For the room that a response needs: the same
/// headers' `clp_rsp_*`, whose sizes Linux arch/s390/pci/pci_clp.c asks for.
@frozen
public enum CLPRequest: Equatable, Sendable {
  /// List functions, from `resumeToken`, or from the beginning for 0. Token at offset 16.
  case list(resumeToken: UInt64)
  /// Query a function. Handle at offset 16.
  case queryFunction(FunctionHandle)
  /// Query a group. Number at offset 19.
  case queryGroup(UInt8)
  /// Enable or disable a function. Handle at offset 16, operation at 22, DMA spaces at 23.
  case setFunction(FunctionHandle, SetFunctionOperation)

  /// The command.
  public var command: CLPCommand {
    switch self {
    case .list: .listFunctions
    case .queryFunction: .queryFunction
    case .queryGroup: .queryGroup
    case .setFunction: .setFunction
    }
  }

  /// The request that `block` holds: what a machine serves.
  ///
  /// Throws: the code to answer with, where the request is malformed.
  public init(block: CLPBlock) throws(CLPRefusal) {
    let handle = FunctionHandle(UInt32(truncatingIfNeeded: block.field(at: 16, width: 4)))
    switch try block.checkRequestHeader() {
    case .listFunctions:
      self = .list(resumeToken: block.field(at: CLPHeader.request, width: 8))
    case .queryFunction:
      self = .queryFunction(handle)
    case .queryGroup:
      self = .queryGroup(UInt8(truncatingIfNeeded: block.field(at: 19, width: 1)))
    case .setFunction:
      let code = UInt8(truncatingIfNeeded: block.field(at: 22, width: 1))
      let spaces = UInt8(truncatingIfNeeded: block.field(at: 23, width: 1))
      self = .setFunction(handle, try SetFunctionOperation(code: code, dmaSpaces: spaces))
    }
  }

  /// Writes the request into `block`, which is zeroed first, with room for the whole response.
  public func write(into block: inout CLPBlock) {
    block = CLPBlock()
    block.setRequestHeader(command, responseByteCount: responseRoom)
    switch self {
    case .list(let resumeToken):
      block.setField(resumeToken, at: CLPHeader.request, width: 8)
    case .queryFunction(let handle):
      block.setField(UInt64(handle.rawValue), at: 16, width: 4)
    case .queryGroup(let group):
      block.setField(UInt64(group), at: 19, width: 1)
    case .setFunction(let handle, let operation):
      block.setField(UInt64(handle.rawValue), at: 16, width: 4)
      block.setField(UInt64(operation.code), at: 22, width: 1)
      block.setField(UInt64(operation.dmaSpaces), at: 23, width: 1)
    }
  }

  private var responseRoom: UInt16 {
    switch self {
    case .list: ListResponse.byteCountMax
    case .queryFunction: QueryFunctionResponse.byteCount
    case .queryGroup: QueryGroupResponse.byteCount
    case .setFunction: SetFunctionResponse.byteCount
    }
  }
}

/// What CLP is asked to make of a function.
///
/// Source: Linux arch/s390/include/asm/pci_clp.h, `CLP_SET_ENABLE_PCI_FN` and
/// `CLP_SET_DISABLE_PCI_FN`; QEMU hw/s390x/s390-pci-inst.c, `clp_service_call`.
@frozen
public enum SetFunctionOperation: Equatable, Sendable {
  /// Enable it, with one DMA space, the only number that machines grant.
  case enable
  /// Disable it, which drops its translation table and its interruptions.
  case disable

  @usableFromInline
  var code: UInt8 {
    switch self {
    case .enable: 0
    case .disable: 1
    }
  }

  @usableFromInline
  var dmaSpaces: UInt8 {
    switch self {
    case .enable: 1
    case .disable: 0
    }
  }

  init(code: UInt8, dmaSpaces: UInt8) throws(CLPRefusal) {
    switch code {
    case 0:
      if dmaSpaces == 0 { throw CLPRefusal(.invalidDMASpaces) }
      if dmaSpaces > 1 { throw CLPRefusal(.insufficientResources) }
      self = .enable
    case 1: self = .disable
    default: throw CLPRefusal(.handleNotValidForOperation)
    }
  }
}
