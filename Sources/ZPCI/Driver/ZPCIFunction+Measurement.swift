public import IOMMU

extension ZPCIFunction {
  /// The bytes that the machine may write as the function's measurement block.
  public var measurementByteCount: Int {
    max(MeasurementBlock.byteCount, Int(description.measurementWords) * 4)
  }

  /// Makes the machine count the function's instructions in `memory`, from zero.
  ///
  /// `memory` holds ``measurementByteCount`` bytes, aligned to
  /// ``MeasurementBlock/alignmentLog2``. It belongs to the machine until ``stopMeasurement(on:)``
  /// or ``disable(on:)`` returned, or the function is gone.
  ///
  /// Source: Linux arch/s390/pci/pci.c, `zpci_fmb_enable_device`.
  ///
  /// Throws: ``ZPCIError/wrongState(_:)`` unless it is enabled or in error,
  /// ``ZPCIError/functionGone``, ``ZPCIError/functionInError``, ``ZPCIError/busy(attempts:)``,
  /// ``ZPCIError/refused(conditionCode:status:)``. What was measured is still measured. Context:
  /// takes the function's lock. Allocates: never.
  public func startMeasurement(in memory: PhysicalRange, on cpu: CPUIndex) throws(ZPCIError) {
    precondition(
      memory.first.isAligned(log2: MeasurementBlock.alignmentLog2),
      "a measurement block is aligned to 128 bytes")
    precondition(
      memory.byteCountMinusOne >= UInt64(measurementByteCount - 1),
      "memory too short for a measurement block")
    precondition(memory.first.rawValue != 0, "address 0 stands for no measurement block")
    try setMeasurement(memory.first, on: cpu)
  }

  /// Makes the machine stop counting; a function that is gone has stopped.
  ///
  /// Throws: as ``startMeasurement(in:on:)``, but not ``ZPCIError/functionGone``. The machine still
  /// counts. Context: takes the function's lock. Allocates: never.
  public func stopMeasurement(on cpu: CPUIndex) throws(ZPCIError) {
    do {
      try setMeasurement(PhysicalAddress(0), on: cpu)
    } catch .functionGone {
      return
    }
  }

  private func setMeasurement(_ block: PhysicalAddress, on cpu: CPUIndex) throws(ZPCIError) {
    lock.lock()
    defer { lock.unlock() }
    let used = current
    if used.state == .gone { throw .functionGone }
    if !used.isReachable { throw .wrongState(used.state) }
    var controls = FunctionControls()
    controls.measurementBlock = block
    let (outcome, result) = modify(.setMeasurement, controls, used, on: cpu)
    if outcome != .done { throw error(outcome, result) }
  }
}
