import IOMMU
import NVMe
import ZPCI

/// A run with a translation table, under whatever scheme the policy needs.
struct PagingRun: SchemeVisitor {
  let bench: ExperimentBench

  func visit<Scheme: PricedScheme>(_ scheme: Scheme) throws -> ExperimentResult {
    let checkers = bench.checkers(isIdentity: false)
    let options = PagingDomainOptions(
      processors: bench.experiment.machine.cpus, modifiers: bench.policy.modifiers,
      cost: bench.experiment.machine.invalidationCost)
    var domain: PagingDomain<ModelPlatform, Scheme>? = try PagingDomain(
      scheme: scheme, memory: bench.machine.memory, timer: bench.timer, observer: checkers,
      options: options)
    guard let used = domain else { throw ExperimentError.driver("no domain") }
    bench.timer.handle { [weak used] purpose, cpu in used?.timerFired(purpose, on: cpu) }
    try bench.group.attach(used, on: .boot)
    let measured = try DrivenLoop(bench: bench, domain: used).run(
      pairInstructions: scheme.pairInstructions, schemeWork: { scheme.work },
      onMeasuring: { checkers.restartWindow() },
      counts: { [unowned used] in Self.counts(used.counters) },
      onStopping: { checkers.closeWindow() })
    let window = checkers.window
    let audit = RefreshAudit(
      domain: used.counters.ranges + used.counters.globals,
      driver: bench.function.refreshCounters.ranges + bench.function.refreshCounters.globals,
      machine: Self.total(bench.machine.refreshTotals))
    bench.timer.handle(nil)
    defer { bench.machine.shutDown() }
    bench.group.detach(on: .boot)
    checkers.expectNothingReachable()
    checkers.expectBalance(
      live: used.liveMappings, held: 0, quarantined: used.quarantineRecord.ranges)
    domain = nil
    return measured.result(bench, window: window, audit: audit, violations: checkers.log)
  }

  static func counts(_ counters: InvalidationCounters) -> ComparisonRow.Invalidations {
    ComparisonRow.Invalidations(
      map: counters[.map], unmap: counters.ranges - counters[.map], global: counters.globals)
  }

  static func total(_ totals: RefreshTotals) -> UInt64 {
    totals.range + totals.global + totals.failed
  }
}

/// A run without translation: the bound.
struct IdentityRun {
  let bench: ExperimentBench

  func run() throws -> ExperimentResult {
    let checkers = bench.checkers(isIdentity: true)
    let domain = try IdentityDomain<ModelPlatform>(
      memory: bench.machine.memory, observer: checkers,
      processors: bench.experiment.machine.cpus,
      limits: DeviceLimits(mask: bench.machine.aperture.last.rawValue),
      offset: bench.function.identityOffset)
    try bench.group.attach(domain, on: .boot)
    let measured = try DrivenLoop(bench: bench, domain: domain).run(
      pairInstructions: 0, schemeWork: { SchemeWork() }, onMeasuring: {},
      counts: { ComparisonRow.Invalidations(map: 0, unmap: 0, global: 0) }, onStopping: {})
    let audit = RefreshAudit(
      domain: 0, driver: bench.function.refreshCounters.executed,
      machine: PagingRun.total(bench.machine.refreshTotals))
    bench.group.detach(on: .boot)
    bench.machine.shutDown()
    return measured.result(bench, window: StaleWindowSum(), audit: audit, violations: checkers.log)
  }
}
