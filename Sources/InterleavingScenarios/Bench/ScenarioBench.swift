import IOMMU
import InterleavingExplorer
import MachineModel
import ZPCI

/// A small machine with functions that are enabled and belong to nobody yet, for one run.
final class ScenarioBench {
  typealias Control = ZPCIFunction<SharedMachine>

  let machine: Machine
  let shared: SharedMachine
  let memory: SharedMemory
  let router = ScenarioRouter()
  let timer = ScenarioTimer()
  let functions: [Control]
  let devices: [ScenarioDevice]
  /// Not owned: the run owns the tasks, which own the bench.
  unowned let execution: Execution

  /// A machine with `functions` functions; `faults` are counted from when it was built.
  init(
    _ execution: Execution, functions count: Int = 1, _ kind: TranslationKind = .shadowed,
    faults: FaultPlan = FaultPlan()
  ) {
    do {
      self.execution = execution
      let machine = try Machine(Self.description(kind), seed: 1, faults: faults)
      self.machine = machine
      shared = SharedMachine(machine)
      memory = SharedMemory(machine: shared)
      devices = (0..<count).map { _ in ScenarioDevice() }
      for device in devices { machine.plug(device) }
      let bus = ZPCIBus(instructions: shared)
      functions = try (0..<count).map { number in
        guard let entry = try bus.find(functionID: UInt32(number + 1), on: .boot) else {
          preconditionFailure("the machine does not list what was plugged")
        }
        let function = try bus.function(entry, on: .boot)
        try function.enable(on: .boot)
        try function.writeConfiguration(6, offset: 4, width: 2, on: .boot)
        return function
      }
      machine.addObserver(router)
    } catch {
      preconditionFailure("the scenario's machine does not start: \(error)")
    }
  }

  private static func description(_ kind: TranslationKind) -> MachineDescription {
    var description = MachineDescription(name: "scenario")
    description.memoryBytes = 4 << 20
    description.tableMemoryBytes = 1 << 20
    description.apertureBytes = 2 << 20
    description.translation = kind
    return description
  }

  /// A buffer of whole pages.
  func buffer(pages: Int = 1) -> PhysicalRange {
    do throws(TableMemoryError) {
      return try memory.allocateBuffer(byteCount: pages * 4_096)
    } catch {
      preconditionFailure("the scenario's buffers fill the machine's memory")
    }
  }

  /// The first `pages` pages that functions can use, but for `skipped` before them.
  func aperture(pages: UInt64, behind skipped: UInt64 = 0) -> IOVARange {
    guard let first = machine.aperture.first.advanced(by: skipped << 12),
      let range = IOVARange(first: first, byteCount: pages << 12)
    else { preconditionFailure("an aperture has a page or more") }
    return range
  }

  /// A domain with `scheme`, and checkers of its own.
  func domain<Scheme: InvalidationScheme>(
    _ scheme: Scheme, promise: StalePromise, modifiers: PolicyModifiers = .none,
    emptyTableLimit: Int = 1_024
  ) -> ScenarioDomain<Scheme> {
    ScenarioDomain(
      self, scheme, promise: promise, modifiers: modifiers, emptyTableLimit: emptyTableLimit)
  }

  /// Has function number `number` write to `iova`: one step for every task.
  @discardableResult
  func deviceWrites(at iova: IOVA, function number: Int = 0) -> Bool {
    YieldPoint.reached(.instruction)
    return shared.exclusively { _ in devices[number].write(0x5a, at: iova) }
  }

  /// Pulls the card: the function's handle is invalid from now on.
  func unplug(_ number: Int = 0) {
    YieldPoint.reached(.instruction)
    shared.exclusively { $0.unplug(number) }
  }

  /// Takes the function away as a hypervisor does that fences it.
  func fence(_ number: Int = 0) {
    YieldPoint.reached(.instruction)
    shared.exclusively { $0.deconfigure(number) }
  }

  /// Puts the function into error state, as a failing device does.
  func fail(_ number: Int = 0) {
    YieldPoint.reached(.instruction)
    shared.exclusively { $0.failFunction(number, code: .serviceAction) }
  }

  /// What function number `number` reaches at `iova` now.
  func reached(_ iova: IOVA, function number: Int = 0) -> ProbedTranslation? {
    shared.exclusively { $0.reachable(iova, function: number) }
  }
}
