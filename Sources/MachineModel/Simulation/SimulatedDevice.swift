import IOMMU

/// A device that moves 8 bytes, at once or on command some time later, and says how it went.
///
/// Registers, 64 bits each: 0 address; 8 value; 16 command (1 memory to device, 2 device to
/// memory).
final class SimulatedDevice: DeviceModel {
  /// What an access came to.
  enum Outcome: Equatable {
    case done(UInt64)
    case refused
  }

  /// A transfer that was commanded.
  struct Command {
    var iova: IOVA
    var value: UInt64
    var isWrite: Bool
  }

  let identity = DeviceIdentity(
    vendor: 0x1234, device: 0x5678, classCode: 0x01_08_02, registerBytes: 4_096, vectors: 1)
  /// Carries out each commanded transfer when its time has come.
  var carryOut: ((Command) -> Void)?

  private unowned var environment: any DeviceEnvironment = Unconnected.shared
  private var address: UInt64 = 0
  private var value: UInt64 = 0
  private var commands: [Command] = []
  private var outstanding = 0
  private static let latency = Nanoseconds(5_000)

  /// Whether a transfer is still to come.
  var isBusy: Bool { outstanding > 0 }

  func connect(to environment: any DeviceEnvironment) {
    self.environment = environment
  }

  func readRegister(bar: Int, offset: UInt64, width: Int) -> UInt64 {
    offset == 0 ? address : value
  }

  func writeRegister(_ value: UInt64, bar: Int, offset: UInt64, width: Int) {
    switch offset {
    case 0: address = value
    case 8: self.value = value
    case 16:
      commands.append(Command(iova: IOVA(address), value: self.value, isWrite: value == 2))
      let delay = Self.latency.rawValue &+ environment.injectedDelay().rawValue
      environment.schedule(after: Nanoseconds(delay), token: UInt64(commands.count &- 1))
      outstanding += 1
    default: break
    }
  }

  func handleEvent(_ token: UInt64) {
    guard Int(token) < commands.count else { return }
    let command = commands[Int(token)]
    outstanding -= 1
    if outstanding == 0 { commands.removeAll(keepingCapacity: true) }
    carryOut?(command)
  }

  /// Moves the 8 bytes now.
  func perform(_ command: Command) -> Outcome {
    do throws(DMAFault) {
      if !command.isWrite { return .done(try environment.readLittle64(at: command.iova)) }
      try environment.writeLittle64(command.value, at: command.iova)
      return .done(command.value)
    } catch {
      return .refused
    }
  }

  func reset() {
    address = 0
    value = 0
    // The machine has cancelled what was to come.
    commands.removeAll(keepingCapacity: true)
    outstanding = 0
  }
}
