import IOMMU
import MachineModel

/// A device that reads and writes memory when a task of the scenario says so.
final class ScenarioDevice: DeviceModel {
  let identity = DeviceIdentity(
    vendor: 0x1234, device: 0x5678, classCode: 0x01_08_02, registerBytes: 4_096, vectors: 0)
  private weak var environment: (any DeviceEnvironment)?

  func connect(to environment: any DeviceEnvironment) {
    self.environment = environment
  }

  func readRegister(bar: Int, offset: UInt64, width: Int) -> UInt64 { 0 }

  func writeRegister(_ value: UInt64, bar: Int, offset: UInt64, width: Int) {}

  func handleEvent(_ token: UInt64) {}

  func reset() {}

  /// Writes eight bytes at `iova`; whether they reached memory.
  func write(_ value: UInt64, at iova: IOVA) -> Bool {
    do throws(DMAFault) {
      try environment?.writeLittle64(value, at: iova)
      return environment != nil
    } catch {
      return false
    }
  }
}
