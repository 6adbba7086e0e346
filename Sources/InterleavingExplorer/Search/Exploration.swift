import IOMMU

/// One exploration: its threads, its runs, and what they found.
///
/// The exploring thread owns it between runs; within a run whoever has the baton does.
final class Exploration: @unchecked Sendable {
  let scenario: Scenario
  let options: ExplorationOptions
  var interleaving: Interleaving
  var report: Report
  /// The best schedule so far of each checker, in the order in which they were first found.
  var candidates: [Candidate] = []

  /// Of the exploring thread while it explores.
  private var exploringThread: ThreadContext?
  /// Where tasks run at the same time on real threads, what these share; nil for schedules.
  let race: Race?
  private let baton = Baton()
  private var carriers: [Carrier] = []
  /// Waits of the set-up or the end that nobody can end.
  private var idleWaits = 0

  init(_ scenario: Scenario, _ options: ExplorationOptions, race: Race? = nil) {
    self.scenario = scenario
    self.options = options
    self.race = race
    interleaving = Interleaving(maximumSteps: options.maximumSteps)
    report = Report(scenario: scenario.name)
  }

  /// Runs `body`, between whose begin and end runs are possible.
  func withThreads(_ body: () -> Void) {
    let context = ThreadContext(self, task: -1)
    exploringThread = context
    let before = context.enter()
    body()
    for carrier in carriers { carrier.stop() }
    carriers = []
    ThreadContext.leave(before)
    exploringThread = nil
  }

  /// Frees what was remembered from run to run; the report stays.
  func forget() {
    interleaving = Interleaving(maximumSteps: 0)
    candidates = []
  }

  /// Does one run, as the strategy says; returns it.
  func run() -> Execution {
    report.runs += 1
    interleaving.beginRun()
    let execution = setUp()
    if interleaving.violation == nil, !execution.bodies.isEmpty { runTasks(execution) }
    if interleaving.violation == nil, interleaving.live == 0 { end(execution) }
    return execution
  }

  /// A new run, after its set-up.
  func setUp() -> Execution {
    idleWaits = 0
    let execution = Execution(self)
    exploringThread?.execution = execution
    scenario.body(execution)
    execution.isSettingUp = false
    return execution
  }

  private func runTasks(_ execution: Execution) {
    for task in carriers.count..<max(carriers.count, execution.bodies.count) {
      carriers.append(newCarrier(task))
    }
    for task in execution.bodies.indices { carriers[task].context.execution = execution }
    guard case .task(let first) = interleaving.beginTasks(execution.names) else { return }
    carriers[first].baton.pass()
    baton.take()
    // Those that have begun and not ended never will.
    for task in 0..<interleaving.nextToBegin where interleaving.live & (1 << UInt8(task)) != 0 {
      carriers[task].forsake()
      carriers[task] = newCarrier(task)
    }
  }

  /// What the scenario does after its tasks, up to the first violation.
  func end(_ execution: Execution) {
    for body in execution.ends where !isViolated { body() }
    for resource in execution.resources where !isViolated { resource.checkAtEnd(execution) }
  }

  private var isViolated: Bool {
    if let race { return race.isViolated }
    return interleaving.violation != nil
  }

  /// Threads for `count` tasks that run at the same time.
  func racingThreads(_ count: Int) -> ArraySlice<Carrier> {
    for task in carriers.count..<max(carriers.count, count) {
      // Negative, as the exploring thread's: no schedule has these tasks.
      carriers.append(
        Carrier(self, task: -2 - task) { [unowned self] in carryTogether($0, task) })
    }
    return carriers[..<count]
  }

  private func newCarrier(_ task: Int) -> Carrier {
    Carrier(self, task: task) { [unowned self] carrier in carry(carrier) }
  }

  /// On a carrier's thread: one task from its begin to its end.
  private func carry(_ carrier: Carrier) {
    let task = carrier.context.task
    carrier.context.execution?.bodies[task]()
    switch interleaving.ended(task) {
    case .task(let next): carriers[next].baton.pass()
    case .over: baton.pass()
    }
  }

  /// A task has reached a yield point; returns when it is to go on.
  @inline(__always)
  func reached(_ task: Int, _ kind: StepKind, _ name: UInt64, _ place: StepPlace) {
    if task < 0 { return passThrough(kind, place) }
    let decision = interleaving.reached(task, kind, name, place)
    if decision == .task(task) { return }
    hand(task, decision)
  }

  private func hand(_ task: Int, _ decision: Decision) {
    switch decision {
    case .task(let next): carriers[task].hand(to: carriers[next].baton)
    case .over: carriers[task].abandon(to: baton)
    }
  }

  private func passThrough(_ kind: StepKind, _ place: StepPlace) {
    if race != nil, let shaker = ThreadContext.current?.shaker { return shaker.reached(kind) }
    guard kind == .wait else { return }
    idleWaits += 1
    precondition(
      idleWaits <= options.maximumSteps,
      "\(scenario.name): nobody can end the set-up's or the end's wait at \(place.text)")
  }

  /// The run has a violation; does not return to a task, unless tasks run at the same time.
  func violated(_ violation: Violation) {
    if let race { return race.report(violation) }
    interleaving.violate(violation.checker, violation.message)
    if let task = ThreadContext.current?.task, task >= 0 { carriers[task].abandon(to: baton) }
  }
}
