import IOMMU
import NVMe
import ZPCI
import Workloads

/// A machine with a device, its function enabled and everything in place for a domain.
final class ExperimentBench {
  let description: MachineDescription
  let kernel: TreeFlavour
  let policy: PolicyChoice
  let resolution: PolicyResolution
  let machine: Machine
  let functionNumber: Int
  let function: ZPCIFunction<Machine>
  let group = DeviceGroup<ZPCIFunction<Machine>>()
  let device: DMADevice<ZPCIFunction<Machine>>
  let timer: MachineTimer

  /// The blocks of 512 bytes on the disk: 64 GiB.
  static let diskBlocks: UInt64 = 1 << 27

  /// A bench whose device is a disk.
  convenience init(_ experiment: Experiment, _ policy: PolicyChoice) throws {
    var geometry = NVMeGeometry()
    geometry.blockLog2 = 9
    geometry.blockCount = Self.diskBlocks
    try self.init(
      experiment.machine, seed: experiment.seed, kernel: experiment.kernel, policy,
      device: NVMeDevice(service: experiment.machine.nvme, geometry: geometry))
  }

  /// A bench with `device`.
  init(
    _ description: MachineDescription, seed: UInt64, kernel: TreeFlavour, _ policy: PolicyChoice,
    device model: any DeviceModel
  ) throws {
    self.description = description
    self.kernel = kernel
    self.policy = policy
    machine = try Machine(description, seed: seed)
    functionNumber = machine.plug(model)
    let bus = ZPCIBus(instructions: machine)
    var found: FunctionListEntry?
    try bus.enumerate(on: .boot) { entry in
      found = entry
      return false
    }
    guard let found else { throw ExperimentError.driver("the machine lists no function") }
    function = try bus.function(found, on: .boot)
    try function.enable(on: .boot)
    _ = try function.lendInterruptMemory(from: machine.memory)
    device = DMADevice(control: function)
    try group.add(device, on: .boot)
    timer = MachineTimer(machine: machine)
    resolution = PolicyResolution(asked: policy.policy, for: function)
  }

  var schemes: SchemeChoice {
    SchemeChoice(
      policy: resolution.policy, aperture: machine.aperture, cpus: description.cpus, kernel: kernel,
      cost: description.invalidationCost)
  }

  func checkers(isIdentity: Bool) -> CheckerSuite {
    let suite = CheckerSuite(
      aperture: machine.aperture, functions: [functionNumber], promise: schemes.promise,
      isIdentity: isIdentity, probe: machine)
    machine.addObserver(suite)
    return suite
  }

  var processors: [CPUIndex] { (0..<description.cpus).map { CPUIndex($0) } }
}
