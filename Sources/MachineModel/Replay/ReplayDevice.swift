import IOMMU

/// A device without registers that touches memory when it is told to, so that the checkers see it.
final class ReplayDevice: DeviceModel {
  private unowned var environment: any DeviceEnvironment = Unconnected.shared
  private var written: UInt64 = 0

  /// The accesses that were refused.
  private(set) var faults: UInt64 = 0

  /// Mass storage, non-volatile memory, NVM Express: whose work the traces show.
  let identity = DeviceIdentity(
    vendor: 0x1b36, device: 0x0010, classCode: 0x01_08_02, registerBytes: 4_096, vectors: 1)

  func connect(to environment: any DeviceEnvironment) {
    self.environment = environment
  }

  /// Reads or writes the first word of the first and of the last page of `range`.
  func touch(_ range: IOVARange, _ direction: ReplayDirection) {
    let first = range.first.rawValue & ~4_095
    let last = range.last.rawValue & ~4_095
    touch(IOVA(first), direction)
    if last != first { touch(IOVA(last), direction) }
  }

  private func touch(_ iova: IOVA, _ direction: ReplayDirection) {
    do throws(DMAFault) {
      if direction == .toDevice {
        _ = try environment.readLittle64(at: iova)
      } else {
        written &+= 1
        try environment.writeLittle64(written, at: iova)
      }
    } catch {
      faults += 1
    }
  }

  func readRegister(bar: Int, offset: UInt64, width: Int) -> UInt64 { 0 }

  func writeRegister(_ value: UInt64, bar: Int, offset: UInt64, width: Int) {}

  func handleEvent(_ token: UInt64) {}

  func reset() {}
}
