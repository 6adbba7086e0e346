import IOMMU
import NVMe
import ZPCI

/// A run with a translation table, under whatever scheme the policy needs.
struct PagingRun<Work: DomainWork>: SchemeVisitor {
  let bench: ExperimentBench
  let work: Work

  func visit<Scheme: PricedScheme>(_ scheme: Scheme) throws -> ExperimentResult {
    let checkers = bench.checkers(isIdentity: false)
    let options = PagingDomainOptions(
      processors: bench.description.cpus, modifiers: bench.policy.modifiers,
      cost: bench.description.invalidationCost)
    var domain: PagingDomain<ModelPlatform, Scheme>? = try PagingDomain(
      scheme: scheme, memory: bench.machine.memory, timer: bench.timer, observer: checkers,
      options: options)
    guard let used = domain else { throw ExperimentError.driver("no domain") }
    bench.timer.handle { [weak used] purpose, cpu in used?.timerFired(purpose, on: cpu) }
    try bench.group.attach(used, on: .boot)
    let outcome = try work.run(on: used, bench, checkers)
    let window = checkers.window
    let audit = RefreshAudit(
      domain: used.counters.ranges + used.counters.globals,
      driver: bench.function.refreshCounters.ranges + bench.function.refreshCounters.globals,
      machine: bench.machine.refreshTotals.all)
    bench.timer.handle(nil)
    bench.group.detach(on: .boot)
    checkers.expectNothingReachable()
    checkers.expectBalance(
      live: used.liveMappings, held: 0, quarantined: used.quarantineRecord.ranges)
    domain = nil
    return outcome.result(bench, audit: audit, checkers: checkers, window: window)
  }
}

/// A run without translation: the bound.
struct IdentityRun<Work: DomainWork> {
  let bench: ExperimentBench
  let work: Work

  func run() throws -> ExperimentResult {
    let checkers = bench.checkers(isIdentity: true)
    let domain = try IdentityDomain<ModelPlatform>(
      memory: bench.machine.memory, observer: checkers, processors: bench.description.cpus,
      limits: DeviceLimits(mask: bench.machine.aperture.last.rawValue),
      offset: bench.function.identityOffset)
    try bench.group.attach(domain, on: .boot)
    let outcome = try work.run(on: domain, bench, checkers)
    let audit = RefreshAudit(
      domain: 0, driver: bench.function.refreshCounters.executed,
      machine: bench.machine.refreshTotals.all)
    bench.group.detach(on: .boot)
    return outcome.result(bench, audit: audit, checkers: checkers, window: StaleWindowSum())
  }
}

extension ExperimentBench {
  /// Does `work` on the domain that the policy needs.
  func run(_ work: some DomainWork) throws -> ExperimentResult {
    if let result = try schemes.accept(PagingRun(bench: self, work: work)) { return result }
    return try IdentityRun(bench: self, work: work).run()
  }
}

/// A workload's closed loop, as work on a domain.
struct LoopWork: DomainWork {
  let experiment: Experiment

  func run<Scheme: PricedScheme>(
    on domain: PagingDomain<ModelPlatform, Scheme>, _ bench: ExperimentBench,
    _ checkers: CheckerSuite
  ) throws -> RunOutcome {
    let scheme = domain.scheme
    return try DrivenLoop(experiment: experiment, bench: bench, domain: domain).run(
      isMapped: true, schemeWork: { scheme.work },
      onMeasuring: { checkers.restartWindow() },
      counts: { [unowned domain] in ComparisonRow.Invalidations(domain.counters) },
      onStopping: { checkers.closeWindow() })
  }

  func run(
    on domain: IdentityDomain<ModelPlatform>, _ bench: ExperimentBench, _ checkers: CheckerSuite
  ) throws -> RunOutcome {
    try DrivenLoop(experiment: experiment, bench: bench, domain: domain).run(
      isMapped: false, schemeWork: { SchemeWork() }, onMeasuring: {}, counts: { .none },
      onStopping: {})
  }
}
