import IOMMU
import ZPCI

/// The whole stack on a machine that a seed draws, under operations and faults that it draws too.
///
/// The steps come in turns: some with faults, in which only safety is asked for, then some without,
/// in which everything has to work. All checkers watch; beside them stands an oracle that knows
/// nothing but what was asked for and what was answered. The same options give the same run.
/// Context: one thread.
public final class Simulation {
  let options: SimulationOptions
  let plan: SimulationPlan
  let machine: Machine
  let router: CheckerRouter
  let hash = TraceHash()
  let bus: ZPCIBus<Machine>
  let groups: [SimulatedGroup]
  let functions: [SimulatedFunction]
  let buffers: PhysicalRange
  var domains: [SimulatedDomain] = []
  var domainsMade = 0
  var armed = ArmedFaults()
  /// Tables that others have taken.
  var scarceTables: [ScarceTable] = []
  /// Bytes of buffers that should be in use.
  var bufferBytes: UInt64 = 0
  var step = 0
  var isQuiet = false
  /// Whether a call of the product is under way.
  var isInside = false
  var kind = SimulatedKind.advance

  /// What was done so far.
  public internal(set) var report = SimulationReport()
  /// What was found; the run ends with the first.
  public internal(set) var failure: SimulationFailure?
  /// The steps in words, from the one that the options name.
  public private(set) var narration: [String] = []

  /// The most instructions that one step may take, but for those of timers.
  static let instructionsMax: UInt64 = 20_000

  /// A simulation before its first step.
  ///
  /// Throws: where the machine cannot be built as drawn, which is a mistake in the drawing.
  public init(_ options: SimulationOptions) throws(MachineDescriptionError) {
    self.options = options
    plan = SimulationPlan(options)
    machine = try Machine(plan.machine, seed: options.seed)
    router = CheckerRouter(functions: plan.groupOfFunction.count)
    bus = ZPCIBus(instructions: machine, busyRetryLimit: plan.busyRetryLimit)
    let groups = (0..<plan.groupCount).map { SimulatedGroup(number: $0) }
    self.groups = groups
    functions = plan.groupOfFunction.enumerated().map {
      SimulatedFunction(number: $0.offset, group: groups[$0.element])
    }
    do throws(TableMemoryError) {
      buffers = try machine.memory.allocateBuffer(byteCount: plan.bufferPages << 12)
    } catch {
      preconditionFailure("a new machine has memory")
    }
    bufferBytes = machine.memory.bufferBytesInUse
    machine.addObserver(router)
    if options.isHashed { machine.addObserver(hash) }
    router.mayBeRefused = { [unowned self] in self.functions[$0].member?.state != .attached }
    for function in functions {
      machine.plug(function.device)
      function.device.carryOut = { [unowned self, unowned function] command in
        self.access(function, command, isLate: true)
      }
    }
  }

  deinit {
    // Where a run ended early, devices still work and tokens are out: nobody is asked any more.
    router.mayBeRefused = { _ in true }
    for function in functions { function.device.carryOut = nil }
    machine.shutDown()
  }

  /// A number that two runs share only if the same happened in them.
  package var traceHash: UInt64 { hash.value }

  /// Does all steps, or those up to the first violation.
  public func run() {
    report.seeds = 1
    begin()
    while step < options.operations && failure == nil {
      takeTurn()
      doStep()
      step += 1
    }
    if failure == nil { finish() }
    report.instructions = machine.faults.instructions
  }

  private func takeTurn() {
    let place = step % (plan.faultySteps + plan.quietSteps)
    if place == plan.faultySteps {
      isQuiet = true
      heal()
    } else if place == 0 {
      isQuiet = false
    }
  }

  private func doStep() {
    var random = StepRandom(seed: options.seed, step: step)
    report.operations += 1
    kind = plan.kind(&random)
    if !options.does(step) { return }
    let cpu = CPUIndex(random.below(plan.machine.cpus))
    enter(cpu)
    let before = machine.faults.instructions
    let start = latestTime
    // What finds nothing to do makes room for what nearly always does.
    let other = [SimulatedKind.attach, .recover, .probe][random.below(3)]
    for next in [kind, random.oneIn(2) ? .map : .unmap, other, .advance] {
      kind = next
      if options.without.contains(kind) || isQuiet && kind.isDisruptive { continue }
      if !perform(kind, &random, cpu) { continue }
      report.done[kind.rawValue] += 1
      break
    }
    if machine.faults.hasUnplugged(since: before) { mark(.unplugInside) }
    check(instructionsSince: before, at: start)
    if step & 63 == 63 && failure == nil { checkBooks() }
  }

  /// Lets time come to where the latest processor is, with all that is due until then.
  func enter(_ cpu: CPUIndex) {
    let latest = latestTime
    if machine.timeline.hasWork(notAfter: latest) {
      isInside = true
      machine.run(until: Instant(nanoseconds: latest))
      isInside = false
    }
    machine.timeline.enter(cpu)
    machine.timeline.wait(until: latestTime)
    machine.charge(Nanoseconds(300))
  }

  var latestTime: UInt64 {
    var latest = machine.timeline.deviceTime
    for cpu in 0..<plan.machine.cpus { latest = max(latest, machine.timeline.cpus[cpu].time) }
    return latest
  }

  /// Ends the run where a checker has seen something, or the step took too long.
  func check(instructionsSince before: UInt64, at start: UInt64) {
    if failure != nil { return }
    let taken = machine.faults.instructions &- before
    // Timers may go off meanwhile, each after 50 us at the least, and issue a few.
    let turns = (latestTime &- start) / 50_000
    if taken > Self.instructionsMax + turns * UInt64(4 * functions.count) {
      fail(.hang, "the step took \(taken) instructions in \(latestTime &- start) ns")
    }
    if router.log.count > 0, let violation = router.log.first.first { fail(violation) }
    for domain in domains where domain.checkers.log.count > 0 {
      if let violation = domain.checkers.log.first.first { fail(violation) }
    }
    if machine.programChecks > 0 { fail(.instruction, "an instruction had a malformed operand") }
  }

  func fail(_ checker: SimulationFailure.Checker, _ message: String) {
    if failure != nil { return }
    for domain in domains { note("domain \(domain.number): \(domain.plan)") }
    note("VIOLATION \(checker.name): \(message)")
    failure = SimulationFailure(
      seed: options.seed, step: step, kind: kind, checker: checker, message: message)
  }

  private func fail(_ violation: Violation) {
    fail(.promise(violation.promise), violation.message)
  }

  /// Writes a line about the present step, where that is wanted.
  func note(_ text: @autoclosure () -> String) {
    if step < options.narratesFrom || failure != nil { return }
    let time = machine.currentTime.nanoseconds
    narration.append("\(step) \(kind.name) at \(time) ns: \(text())")
  }

  func count(_ error: SimulatedError) {
    if let index = SimulatedError.allCases.firstIndex(of: error) { report.errors[index] += 1 }
  }

  func mark(_ mark: SimulatedMark, _ number: UInt64 = 1) {
    if let index = SimulatedMark.allCases.firstIndex(of: mark) { report.marks[index] += number }
  }

  /// Calls the product on behalf of `domain`.
  func inside<Result: ~Copyable, Failure: Error>(
    _ domain: SimulatedDomain?, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let outer = router.current
    router.current = domain?.checkers
    isInside = true
    defer {
      router.current = outer
      isInside = false
    }
    return try body()
  }
}
