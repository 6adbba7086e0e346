public import IOMMU

/// Configuration space and registers, by PCILG and PCISTG.
///
/// PCI is little-endian, the machine big-endian: a value arrives with its bytes reversed, in the
/// low bytes of the register (Linux arch/s390/pci/pci.c, `zpci_cfg_load`; QEMU
/// hw/s390x/s390-pci-inst.c, `zpci_endian_swap`).
///
/// Throws, all of them: ``PCIAccessError/functionGone``; ``PCIAccessError/functionInError``;
/// ``PCIAccessError/refused(conditionCode:status:)``, with condition code 2 where the machine
/// stayed busy and 3 without an instruction where the function is not enabled. Complexity: one
/// instruction. Allocates: never.
extension ZPCIFunction: PCIFunction {
  /// Reads `width` bytes (1, 2, 4) of configuration space at `offset`, a multiple of `width`.
  public func readConfiguration(
    offset: UInt16, width: Int, on cpu: CPUIndex
  ) throws(PCIAccessError) -> UInt32 {
    precondition(width == 1 || width == 2 || width == 4, "configuration accesses are 1, 2, 4 bytes")
    let value = try load(.configuration, UInt64(offset), width: width, on: cpu)
    return UInt32(truncatingIfNeeded: value)
  }

  /// Writes `width` bytes (1, 2, 4) of configuration space at `offset`, a multiple of `width`.
  public func writeConfiguration(
    _ value: UInt32, offset: UInt16, width: Int, on cpu: CPUIndex
  ) throws(PCIAccessError) {
    precondition(width == 1 || width == 2 || width == 4, "configuration accesses are 1, 2, 4 bytes")
    try store(UInt64(value), .configuration, UInt64(offset), width: width, on: cpu)
  }

  /// Reads the 32-bit register at `offset`, a multiple of 4, behind base address `bar`.
  @inlinable
  public func read32(bar: Int, offset: UInt64, on cpu: CPUIndex) throws(PCIAccessError) -> UInt32 {
    UInt32(truncatingIfNeeded: try load(Self.space(bar), offset, width: 4, on: cpu))
  }

  /// Writes the 32-bit register at `offset`, a multiple of 4, behind base address `bar`.
  @inlinable
  public func write32(
    _ value: UInt32, bar: Int, offset: UInt64, on cpu: CPUIndex
  ) throws(PCIAccessError) {
    try store(UInt64(value), Self.space(bar), offset, width: 4, on: cpu)
  }

  /// Reads the 64-bit register at `offset`, a multiple of 8, behind base address `bar`.
  @inlinable
  public func read64(bar: Int, offset: UInt64, on cpu: CPUIndex) throws(PCIAccessError) -> UInt64 {
    try load(Self.space(bar), offset, width: 8, on: cpu)
  }

  /// Writes the 64-bit register at `offset`, a multiple of 8, behind base address `bar`.
  @inlinable
  public func write64(
    _ value: UInt64, bar: Int, offset: UInt64, on cpu: CPUIndex
  ) throws(PCIAccessError) {
    try store(value, Self.space(bar), offset, width: 8, on: cpu)
  }

  @usableFromInline
  static func space(_ bar: Int) -> PCIAddressSpace {
    guard let space = PCIAddressSpace(bar: bar) else {
      preconditionFailure("a base address register is 0 to 5")
    }
    return space
  }

  /// The value that the `width` low bytes of `raw` hold in the other order.
  @inlinable
  static func swapped(_ raw: UInt64, width: Int) -> UInt64 {
    raw.byteSwapped &>> UInt64(64 &- 8 &* width)
  }

  @inlinable
  func load(
    _ space: PCIAddressSpace, _ offset: UInt64, width: Int, on cpu: CPUIndex
  ) throws(PCIAccessError) -> UInt64 {
    precondition(offset % UInt64(width) == 0, "an access is aligned to its width")
    let used = current
    try checkReachable(used)
    let request = RequestWord(used.handle, space: space, length: UInt8(width)).rawValue
    var value: UInt64 = 0
    let result = attempt {
      let (result, loaded) = bus.instructions.load(request, offset: offset, on: cpu)
      value = loaded
      return result
    }
    if result.condition != .success { throw accessFailed(result, used) }
    return Self.swapped(value, width: width)
  }

  @inlinable
  func store(
    _ value: UInt64, _ space: PCIAddressSpace, _ offset: UInt64, width: Int, on cpu: CPUIndex
  ) throws(PCIAccessError) {
    precondition(offset % UInt64(width) == 0, "an access is aligned to its width")
    let used = current
    try checkReachable(used)
    let request = RequestWord(used.handle, space: space, length: UInt8(width)).rawValue
    let result = attempt {
      bus.instructions.store(
        Self.swapped(value, width: width), request, offset: offset, on: cpu)
    }
    if result.condition != .success { throw accessFailed(result, used) }
  }

  /// Refuses what the machine would answer with an invalid handle though the function is not gone.
  @inlinable
  func checkReachable(_ used: HandleAndState) throws(PCIAccessError) {
    if used.isReachable { return }
    if used.state == .gone { throw .functionGone }
    throw .refused(conditionCode: ConditionCode.invalidHandle.rawValue, status: 0)
  }

  @usableFromInline
  func accessFailed(_ result: InstructionResult, _ used: HandleAndState) -> PCIAccessError {
    switch (result.condition, result.status) {
    case (.invalidHandle, _):
      note(.gone, after: used)
      return .functionGone
    case (.error, LoadStoreStatus.inError), (.error, LoadStoreStatus.blocked),
      (.error, LoadStoreStatus.notAvailable):
      note(.error, after: used)
      return .functionInError
    default:
      return .refused(conditionCode: result.conditionCode, status: result.status)
    }
  }
}
