import IOMMU
@testable import MachineModel

/// A device that copies 8 bytes on command, and tells by an interrupt and a register.
///
/// Registers, 64 bits each: 0 address; 8 value; 16 command (1 memory to value, 2 value to memory);
/// 24 the number of commands that were done; 32 the number that faulted. Vector 0 tells.
final class TransferDevice: DeviceModel {
  let identity = DeviceIdentity(
    vendor: 0x1234, device: 0x5678, classCode: 0x01_08_02, registerBytes: 4_096, vectors: 4)
  private unowned var environment: any DeviceEnvironment
  private var address: UInt64 = 0
  var value: UInt64 = 0
  var done: UInt64 = 0
  var faulted: UInt64 = 0
  var faults: [DMAFault] = []
  var log: [(time: UInt64, token: UInt64)] = []
  let latency: Nanoseconds

  init(latency: Nanoseconds = Nanoseconds(10_000)) {
    self.latency = latency
    environment = NoEnvironment.shared
  }

  func connect(to environment: any DeviceEnvironment) {
    self.environment = environment
  }

  func readRegister(bar: Int, offset: UInt64, width: Int) -> UInt64 {
    switch offset {
    case 0: address
    case 8: value
    case 24: done
    case 32: faulted
    default: 0
    }
  }

  func writeRegister(_ value: UInt64, bar: Int, offset: UInt64, width: Int) {
    switch offset {
    case 0: address = value
    case 8: self.value = value
    case 16: environment.schedule(after: latency, token: value)
    default: break
    }
  }

  func handleEvent(_ token: UInt64) {
    log.append((environment.now.nanoseconds, token))
    do throws(DMAFault) {
      if token == 1 {
        value = try environment.readLittle64(at: IOVA(address))
      } else {
        try environment.writeLittle64(value, at: IOVA(address))
      }
      done += 1
      environment.raiseInterrupt(vector: 0)
    } catch {
      faulted += 1
      faults.append(error)
    }
  }

  func reset() {
    address = 0
    value = 0
    done = 0
    faulted = 0
  }
}

/// What a device is connected to before it is plugged: nothing.
private final class NoEnvironment: DeviceEnvironment, @unchecked Sendable {
  static let shared = NoEnvironment()
  var now: Instant { Instant(nanoseconds: 0) }
  func schedule(after delay: Nanoseconds, token: UInt64) -> EventID {
    EventID(slot: 0, sequence: 0)
  }
  func cancel(_ event: EventID) {}
  func readMemory(at iova: IOVA, into target: inout MutableSpan<UInt8>) throws(DMAFault) {
    throw .blocked
  }
  func writeMemory(_ source: Span<UInt8>, at iova: IOVA) throws(DMAFault) { throw .blocked }
  func readLittle64(at iova: IOVA) throws(DMAFault) -> UInt64 { throw .blocked }
  func writeLittle64(_ value: UInt64, at iova: IOVA) throws(DMAFault) { throw .blocked }
  func raiseInterrupt(vector: Int) {}
  func injectedDelay() -> Nanoseconds { Nanoseconds(0) }
  func randomStream(_ name: StaticString) -> RandomStream { RandomStream(seed: 0, name: name) }
}
