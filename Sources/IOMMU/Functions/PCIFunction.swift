/// A PCI function as a driver sees it: configuration space and registers behind base addresses.
///
/// Values are numbers; PCI is little-endian and the implementation swaps where it must.
/// Context: the driver serialises accesses where their order matters.
public protocol PCIFunction: AnyObject, Sendable {
  /// Reads `width` bytes (1, 2, 4) of configuration space at `offset`.
  func readConfiguration(offset: UInt16, width: Int, on cpu: CPUIndex) throws(PCIAccessError)
    -> UInt32

  /// Writes `width` bytes (1, 2, 4) of configuration space at `offset`.
  func writeConfiguration(
    _ value: UInt32, offset: UInt16, width: Int, on cpu: CPUIndex
  ) throws(PCIAccessError)

  /// Reads a 32-bit register.
  func read32(bar: Int, offset: UInt64, on cpu: CPUIndex) throws(PCIAccessError) -> UInt32

  /// Writes a 32-bit register.
  func write32(
    _ value: UInt32, bar: Int, offset: UInt64, on cpu: CPUIndex
  ) throws(PCIAccessError)

  /// Reads a 64-bit register.
  func read64(bar: Int, offset: UInt64, on cpu: CPUIndex) throws(PCIAccessError) -> UInt64

  /// Writes a 64-bit register.
  func write64(
    _ value: UInt64, bar: Int, offset: UInt64, on cpu: CPUIndex
  ) throws(PCIAccessError)

  /// Sets up message interrupts for vectors `0..<count`; returns how many the function granted.
  ///
  /// The platform calls the driver's interrupt entry with the vector's number; 0 granted vectors
  /// mean that the driver has to poll.
  func enableInterrupts(count: Int, on cpu: CPUIndex) throws(PCIAccessError) -> Int

  /// Takes all vectors back; none is delivered once this returned.
  func disableInterrupts(on cpu: CPUIndex) throws(PCIAccessError)
}

/// Why a register or configuration access did not happen.
public enum PCIAccessError: Error, Equatable {
  /// The function is gone: its handle is invalid.
  case functionGone
  /// The function is in error state and answers nothing until it is recovered.
  case functionInError
  /// The instruction was refused: its condition code and status as the architecture tells them.
  case refused(conditionCode: UInt8, status: UInt8)
}
