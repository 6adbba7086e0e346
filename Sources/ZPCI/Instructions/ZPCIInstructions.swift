public import IOMMU

/// The zPCI instruction set: the seam between the driver and a machine, modelled or real.
///
/// A request names the function and, for loads and stores, the address space and length:
/// handle in bits 63…32, space in bits 23…16, length in bits 7…0 (`RequestWord` builds it).
public protocol ZPCIInstructions: Sendable {
  /// CLP: call logical processor, with the request in `block`, which takes the response.
  func callLogicalProcessor(_ block: inout CLPBlock, on cpu: CPUIndex) -> InstructionResult

  /// MPCIFC: modify PCI function controls; the operation is in the request's length field.
  func modifyFunctionControls(
    _ request: UInt64, _ block: inout FunctionInformationBlock, on cpu: CPUIndex
  ) -> InstructionResult

  /// STPCIFC: store PCI function controls.
  func storeFunctionControls(
    _ request: UInt64, _ block: inout FunctionInformationBlock, on cpu: CPUIndex
  ) -> InstructionResult

  /// RPCIT: refresh PCI translations of `byteCount` bytes from `address`.
  func refreshTranslations(
    _ function: UInt64, address: UInt64, byteCount: UInt64, on cpu: CPUIndex
  ) -> InstructionResult

  /// PCILG: load up to 8 bytes; the value is in the low bytes, in the order the bus gave them.
  func load(_ request: UInt64, offset: UInt64, on cpu: CPUIndex) -> (InstructionResult, UInt64)

  /// PCISTG: store up to 8 bytes, the low ones of `value`, in the order the bus takes them.
  func store(
    _ value: UInt64, _ request: UInt64, offset: UInt64, on cpu: CPUIndex
  ) -> InstructionResult

  /// PCISTB: store a block of 8 to 128 bytes, a multiple of 8.
  func storeBlock(
    _ block: Span<UInt64>, _ request: UInt64, offset: UInt64, on cpu: CPUIndex
  ) -> InstructionResult
}

/// What an instruction answered: condition code and status byte.
@frozen
public struct InstructionResult: Equatable, Sendable, BitwiseCopyable {
  /// 0 success, 1 error with status, 2 busy, 3 invalid handle.
  public let conditionCode: UInt8

  /// The reason, where the condition code is 1 or 2.
  public let status: UInt8

  /// A result as an instruction gave it.
  @inlinable
  public init(conditionCode: UInt8, status: UInt8 = 0) {
    self.conditionCode = conditionCode
    self.status = status
  }

  /// Condition code 0.
  @inlinable
  public static var success: InstructionResult { InstructionResult(conditionCode: 0) }
}
