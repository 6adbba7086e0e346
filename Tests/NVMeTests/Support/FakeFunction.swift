import IOMMU

/// A PCI function whose n-th access can fail, in front of a controller that acts at once.
final class FakeFunction: PCIFunction, @unchecked Sendable {
  let controller: FakeController
  private(set) var accesses = 0
  /// Access number n, counted from 1, and all after it, throw ``failure``.
  var failingFrom: Int?
  var failure = PCIAccessError.functionGone
  var grantedVectors = 64
  private(set) var hasVectors = false
  private(set) var command: UInt32 = 0

  init(controller: FakeController) {
    self.controller = controller
  }

  private func access() throws(PCIAccessError) {
    accesses += 1
    if let failingFrom, accesses >= failingFrom { throw failure }
  }

  func readConfiguration(offset: UInt16, width: Int, on cpu: CPUIndex) throws(PCIAccessError)
    -> UInt32
  {
    try access()
    return offset == 4 ? command : 0
  }

  func writeConfiguration(
    _ value: UInt32, offset: UInt16, width: Int, on cpu: CPUIndex
  ) throws(PCIAccessError) {
    try access()
    if offset == 4 { command = value }
  }

  func read32(bar: Int, offset: UInt64, on cpu: CPUIndex) throws(PCIAccessError) -> UInt32 {
    try access()
    return UInt32(truncatingIfNeeded: controller.read(offset))
  }

  func write32(
    _ value: UInt32, bar: Int, offset: UInt64, on cpu: CPUIndex
  ) throws(PCIAccessError) {
    try access()
    controller.write(UInt64(value), offset)
  }

  func read64(bar: Int, offset: UInt64, on cpu: CPUIndex) throws(PCIAccessError) -> UInt64 {
    try access()
    return controller.read(offset)
  }

  func write64(
    _ value: UInt64, bar: Int, offset: UInt64, on cpu: CPUIndex
  ) throws(PCIAccessError) {
    try access()
    controller.write(value, offset)
  }

  func enableInterrupts(count: Int, on cpu: CPUIndex) throws(PCIAccessError) -> Int {
    try access()
    precondition(!hasVectors, "vectors enabled twice")
    hasVectors = true
    return min(count, grantedVectors)
  }

  func disableInterrupts(on cpu: CPUIndex) throws(PCIAccessError) {
    try access()
    hasVectors = false
  }
}
