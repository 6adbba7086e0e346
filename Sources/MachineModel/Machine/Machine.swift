public import IOMMU

/// A deterministic machine: processors, memory, PCI functions, and who translates for them.
///
/// It executes the zPCI instruction set (``ZPCIInstructions``), is the drivers' clock, and lends
/// its ``memory``; so the driver of a real machine runs on it unchanged. Everything happens on the
/// caller's thread. The same description, fault plan, seed and tasks give the same run, to the last
/// byte and nanosecond.
/// ```swift
/// let machine = try Machine(MachineDescription(name: "small"), seed: 1)
/// let disk = machine.plug(controller)
/// machine.spawn(on: .boot, at: Instant(nanoseconds: 0)) { driver.start() }
/// machine.run(until: Instant(nanoseconds: 1_000_000_000))
/// ```
/// Context: one thread; what is `Sendable` here is so because the core's protocols ask for it.
public final class Machine: @unchecked Sendable {
  /// What the machine was built from.
  public let description: MachineDescription

  /// The seed of all random streams.
  public let seed: UInt64

  /// The memory, for drivers and for looking into.
  public let memory: MachineMemory

  let timeline: Timeline
  let observers: Observers
  let faults: FaultInjector
  let adapterInterrupts: AdapterInterrupts
  private let functionsCell = Cell<[MachineFunction]>([])

  /// When the hypervisor is busy with refreshes.
  let hypervisor = Cell(ServiceCalendar())

  /// The fraction of a nanosecond that refreshes have cost beyond what was charged, in picoseconds.
  let refreshFraction = Cell<UInt64>(0)

  /// The number of instructions that a real machine would have ended with a program check.
  public internal(set) var programChecks: UInt64 = 0

  /// A machine without functions.
  ///
  /// Throws: what is wrong with `description`.
  public init(
    _ description: MachineDescription, seed: UInt64, faults plan: FaultPlan = FaultPlan()
  ) throws(MachineDescriptionError) {
    try description.validate()
    self.description = description
    self.seed = seed
    timeline = Timeline(cpuCount: description.cpus)
    observers = Observers()
    faults = FaultInjector(plan, seed: seed)
    adapterInterrupts = AdapterInterrupts(timeline: timeline, costs: description.interrupts)
    memory = MachineMemory(
      description, timeline: timeline, observers: observers, faults: faults)
    for error in plan.deviceErrors {
      _ = timeline.deviceEvents.value.schedule(
        at: error.time.nanoseconds, target: EventQueue.actionTarget, token: 0
      ) { [weak self] in
        self?.failFunction(error.function, code: .serviceAction)
      }
    }
  }

  deinit {
    // The timeline holds the functions and the functions hold the timeline.
    shutDown()
    observers.removeAll()
  }

  /// Ends the machine: forgets what waits, and who handles interrupts.
  ///
  /// A machine that runs drivers holds handlers which hold the drivers, which hold the machine:
  /// without this nothing of them would ever be freed. The state stays to be looked at.
  public func shutDown() {
    timeline.shutDown()
    for function in functions { function.dropRoutes() }
    adapterInterrupts.dropRoutes()
  }

  /// The functions, by number.
  var functions: [MachineFunction] { functionsCell.value }

  func add(_ function: MachineFunction) {
    functionsCell.value.append(function)
  }

  /// Adds an observer, which is told of everything from now on.
  public func addObserver(_ observer: any MachineObserver) {
    observers.add(observer)
  }

  /// A stream of random numbers of the machine's seed, for the part called `name`.
  public func randomStream(_ name: StaticString) -> RandomStream {
    RandomStream(seed: seed, name: name)
  }

  /// The addresses that a function can use for DMA.
  public var aperture: IOVARange {
    guard
      let range = IOVARange(
        first: IOVA(description.apertureFirst), byteCount: description.apertureBytes)
    else { preconditionFailure("a validated aperture is a range") }
    return range
  }
}
