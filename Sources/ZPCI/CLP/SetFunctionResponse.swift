/// The answer to enabling or disabling a function: its new handle, at offset 48.
///
/// Source: Linux arch/s390/include/asm/pci_clp.h, `struct clp_rsp_set_pci` (160 bytes); QEMU
/// include/hw/s390x/s390-pci-clp.h, `ClpRspSetPci` (32 bytes).
@frozen
public struct SetFunctionResponse: Equatable, Sendable {
  /// The handle that the function has from now on.
  public var handle: FunctionHandle

  /// An answer with `handle`.
  @inlinable
  public init(handle: FunctionHandle) {
    self.handle = handle
  }

  static var byteCount: UInt16 { 160 }

  /// The response that `block` holds.
  ///
  /// Throws: ``CLPError/refused(_:)``, ``CLPError/responseLength(_:)``,
  /// ``CLPError/responseFormat(_:)``.
  public init(block: CLPBlock) throws(CLPError) {
    try block.checkResponseHeader(atLeast: 32)
    handle = FunctionHandle(UInt32(truncatingIfNeeded: block.field(at: 48, width: 4)))
  }

  /// Writes the response into `block` as a success of 160 bytes.
  public func write(into block: inout CLPBlock) {
    block.setResponseHeader(byteCount: Self.byteCount)
    block.setField(UInt64(handle.rawValue), at: 48, width: 4)
  }
}
