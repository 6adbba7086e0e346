import IOMMU
import ZPCI

/// The function measurement block, into which the machine writes its own counts.
extension Machine {
  /// How often it is written; QEMU's `DEFAULT_MUI`.
  static let measurementIntervalMilliseconds: UInt16 = 4_000

  /// Begins to measure into memory at `address`, or ends it for 0.
  func setMeasurement(_ function: MachineFunction, _ address: UInt64) -> InstructionResult {
    function.stopMeasurement()
    if address == 0 { return .success }
    // The low four bits are a storage key, and the model's storage has no key but 0.
    if address & 0xf != 0
      || !memory.bytes.contains(address, byteCount: UInt64(MeasurementBlock.byteCount))
    {
      return programCheck()
    }
    function.measurementAddress = address
    scheduleMeasurement(function)
    return .success
  }

  private func scheduleMeasurement(_ function: MachineFunction) {
    let interval = UInt64(Self.measurementIntervalMilliseconds) * 1_000_000
    function.measurementEvent = timeline.deviceEvents.schedule(
      at: timeline.deviceTime &+ interval, target: EventQueue.actionTarget, token: 0
    ) { [weak self, weak function] in
      guard let self, let function else { return }
      writeMeasurement(function)
      scheduleMeasurement(function)
    }
  }

  private func writeMeasurement(_ function: MachineFunction) {
    function.measurementSamples &+= 1
    var block = MeasurementBlock()
    block.samples = function.measurementSamples
    // The time-of-day clock counts 4,096 units a microsecond.
    block.lastUpdate = timeline.deviceTime / 1_000 &* 4_096
    let totals = function.totals
    block.loads = totals.loads
    block.stores = totals.stores
    block.blockStores = totals.blockStores
    block.refreshes =
      totals.refreshes.range &+ totals.refreshes.global &+ totals.refreshes.outOfResources
    block.dmaBytesRead = totals.bytesRead
    block.dmaBytesWritten = totals.bytesWritten
    block.write(to: memory, at: PhysicalAddress(function.measurementAddress))
  }
}
