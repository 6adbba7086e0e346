public import IOMMU
import Synchronization

extension ZPCIFunction {
  /// The subclass of the machine's interruptions that functions make.
  ///
  /// Source: Linux arch/s390/include/asm/isc.h, `PCI_ISC`.
  public static var interruptionSubclass: UInt8 { 2 }

  /// Sets up message interruptions for vectors `0..<count`; returns how many the function granted.
  ///
  /// No more than the group allows and the function's MSI-X table has. None without lent memory
  /// (``lendInterruptMemory(from:)``) or without MSI-X: the driver has to poll then.
  ///
  /// Throws: ``PCIAccessError/refused(conditionCode:status:)`` with condition code 1 and
  /// ``ModifyControlsStatus/sequence`` where vectors are enabled already; the other cases as for
  /// every access. No vector is enabled then, but where even taking them back failed, the lent
  /// memory stays in use until ``disableInterrupts(on:)`` or ``disable(on:)`` succeeds. Context:
  /// takes the function's lock. Complexity: four stores for each vector. Allocates: never.
  public func enableInterrupts(count: Int, on cpu: CPUIndex) throws(PCIAccessError) -> Int {
    lock.lock()
    defer { lock.unlock() }
    let used = current
    try checkReachable(used)
    if registeredVectors.load(ordering: .relaxed) != 0 {
      throw .refused(
        conditionCode: ConditionCode.error.rawValue, status: ModifyControlsStatus.sequence)
    }
    guard count > 0, let memory = interruptMemory, let msix = try findMSIX(on: cpu) else {
      return 0
    }
    let granted = min(count, msix.tableSize, Int(group.interruptionCountMax))
    if granted == 0 { return 0 }
    let (outcome, result) = modify(
      .registerInterruption, Self.controls(granted, in: memory), used, on: cpu)
    if outcome != .done { throw accessError(outcome, result) }
    // Releasing: whoever sees the count sees the memory.
    registeredVectors.store(granted, ordering: .releasing)
    do {
      try program(msix, count: granted, on: cpu)
    } catch {
      deregisterVectors(on: cpu)
      throw error
    }
    return granted
  }

  /// Takes all vectors back; none is delivered once this returned.
  ///
  /// A function that is gone delivers none.
  ///
  /// Throws: ``PCIAccessError/functionInError``, where none is delivered until the function is
  /// recovered; ``PCIAccessError/refused(conditionCode:status:)``. The lent memory stays in use.
  /// Context: takes the function's lock. Allocates: never.
  public func disableInterrupts(on cpu: CPUIndex) throws(PCIAccessError) {
    lock.lock()
    defer { lock.unlock() }
    if registeredVectors.load(ordering: .relaxed) == 0 { return }
    let used = current
    if used.isReachable {
      // The machine ignores what the device writes once the vectors are taken back, so that it does
      // not matter whether the device can be told; in error state it cannot.
      do {
        if let msix = try findMSIX(on: cpu) {
          try writeConfiguration(
            MSIXCapability.maskAll, offset: msix.control, width: 2, on: cpu)
        }
      } catch {}
    }
    let (outcome, result) = deregisterVectors(on: cpu)
    switch outcome {
    case .done, .sequence, .gone: return
    case .inError, .outOfResources, .busy, .refused: throw accessError(outcome, result)
    }
  }

  /// Takes the vectors back from the machine; the count falls to 0 once they are.
  ///
  /// Source: Linux arch/s390/pci/pci_irq.c, `zpci_clear_airq`, which takes condition code 3, and 1
  /// with status 24, for a success.
  @discardableResult
  private func deregisterVectors(on cpu: CPUIndex) -> (ControlOutcome, InstructionResult) {
    let used = current
    if !used.isReachable {
      registeredVectors.store(0, ordering: .releasing)
      return (.gone, .invalidHandle)
    }
    let (outcome, result) = modify(.deregisterInterruption, FunctionControls(), used, on: cpu)
    switch outcome {
    case .done, .sequence, .gone: registeredVectors.store(0, ordering: .releasing)
    case .inError, .outOfResources, .busy, .refused: break
    }
    return (outcome, result)
  }

  private static func controls(_ count: Int, in memory: PhysicalRange) -> FunctionControls {
    var controls = FunctionControls()
    controls.interruptions.subclass = interruptionSubclass
    controls.interruptions.count = UInt16(count)
    controls.interruptions.vector = memory.first
    controls.interruptions.wantsSummary = true
    controls.interruptions.summary = PhysicalAddress(
      memory.first.rawValue &+ InterruptMemoryLayout.summaryOffset)
    return controls
  }
}
