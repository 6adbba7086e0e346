import IOMMU
import Testing
import ZPCI

@testable import MachineModel

/// A machine with one transfer device, enabled, its table registered, driven by bare instructions.
final class Rig {
  let machine: Machine
  let device: TransferDevice
  let table: GuestTable
  let buffer: PhysicalRange
  let first: UInt64

  init(
    _ description: MachineDescription = Rig.small(), faults: FaultPlan = FaultPlan(),
    seed: UInt64 = 1
  ) throws {
    machine = try Machine(description, seed: seed, faults: faults)
    device = TransferDevice()
    machine.plug(device)
    table = try GuestTable(machine.memory)
    buffer = try machine.memory.allocateBuffer(byteCount: 64 * 4_096)
    first = description.apertureFirst
  }

  /// One CPU, 16 MiB of memory, 4 MiB of aperture; costs that tell themselves apart.
  static func small(_ kind: TranslationKind = .shadowed) -> MachineDescription {
    var description = MachineDescription(name: "small")
    description.memoryBytes = 16 << 20
    description.tableMemoryBytes = 4 << 20
    description.apertureBytes = 4 << 20
    description.translation = kind
    description.refresh.trapNanoseconds = 1_000
    description.refresh.pageScannedPicoseconds = 10_000
    description.refresh.pageChangedPicoseconds = 100_000
    description.refresh.flushNanoseconds = 300
    return description
  }

  var handle: FunctionHandle { FunctionHandle(machine.handle(of: 0)) }

  func start() throws {
    var block = CLPBlock()
    CLPRequest.setFunction(handle, .enable).write(into: &block)
    #expect(machine.callLogicalProcessor(&block, on: .boot) == .success)
    _ = try SetFunctionResponse(block: block)
    #expect(register() == .success)
    #expect(writeConfiguration(0x6, offset: 4, width: 2) == .success)
  }

  func register() -> InstructionResult {
    var controls = FunctionControls()
    controls.baseAddress = first
    controls.addressLimit = first + machine.description.apertureBytes - 1
    controls.designation = IOATDesignation(rawValue: table.designation)
    return modify(.registerTranslation, controls)
  }

  func modify(
    _ operation: FunctionControlOperation, _ controls: FunctionControls = FunctionControls()
  ) -> InstructionResult {
    var block = FunctionInformationBlock()
    controls.write(into: &block)
    return machine.modifyFunctionControls(
      RequestWord(handle, operation: operation).rawValue, &block, on: .boot)
  }

  func controls() throws -> (InstructionResult, FunctionControls) {
    var block = FunctionInformationBlock()
    let result = machine.storeFunctionControls(
      RequestWord(handle).rawValue, &block, on: .boot)
    return (result, try FunctionControls(block: block))
  }

  func refresh(_ iova: UInt64, pages: UInt64, on cpu: CPUIndex = .boot) -> InstructionResult {
    machine.refreshTranslations(
      RequestWord(handle).rawValue, address: iova, byteCount: pages * 4_096, on: cpu)
  }

  func refreshAll() -> InstructionResult {
    refresh(first, pages: machine.description.apertureBytes / 4_096)
  }

  func writeConfiguration(_ value: UInt64, offset: UInt64, width: UInt8) -> InstructionResult {
    machine.store(
      value.byteSwapped >> UInt64(64 - width * 8),
      RequestWord(handle, space: .configuration, length: width).rawValue, offset: offset,
      on: .boot)
  }

  func write(_ value: UInt64, register: UInt64) -> InstructionResult {
    machine.store(
      value.byteSwapped, RequestWord(handle, space: PCIAddressSpace(bar: 0)!, length: 8).rawValue,
      offset: register, on: .boot)
  }

  func read(register: UInt64) -> (InstructionResult, UInt64) {
    let (result, value) = machine.load(
      RequestWord(handle, space: PCIAddressSpace(bar: 0)!, length: 8).rawValue,
      offset: register, on: .boot)
    return (result, value.byteSwapped)
  }

  /// Has the device write `value` at `iova`, and waits until it has tried.
  func deviceWrites(_ value: UInt64, at iova: UInt64) {
    _ = write(iova, register: 0)
    _ = write(value, register: 8)
    _ = write(2, register: 16)
    machine.charge(Nanoseconds(20_000))
    _ = machine.now()
  }

  func word(_ offset: UInt64) -> UInt64 {
    machine.memory.loadLittle64(at: PhysicalAddress(buffer.first.rawValue + offset))
  }
}
