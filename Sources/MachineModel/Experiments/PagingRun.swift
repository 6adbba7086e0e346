import IOMMU
import NVMe
import ZPCI

/// A run with a translation table, under whatever scheme the policy needs.
struct PagingRun: SchemeVisitor {
  let bench: ExperimentBench

  func visit<Scheme: PricedScheme>(_ scheme: Scheme) throws -> ExperimentResult {
    let checkers = bench.checkers(isIdentity: false)
    defer { bench.machine.shutDown() }
    var result = try run(scheme, checkers)
    // The domain is gone by now, and with it the last that may hold a table.
    checkers.expectNoTables()
    result.violations = checkers.log.first
    return result
  }

  private func run<Scheme: PricedScheme>(
    _ scheme: Scheme, _ checkers: CheckerSuite
  ) throws -> ExperimentResult {
    let options = PagingDomainOptions(
      processors: bench.experiment.machine.cpus, modifiers: bench.policy.modifiers,
      cost: bench.experiment.machine.invalidationCost)
    let domain = try PagingDomain<ModelPlatform, Scheme>(
      scheme: scheme, memory: bench.machine.memory, timer: bench.timer, observer: checkers,
      options: options)
    bench.timer.handle { [weak domain] purpose, cpu in domain?.timerFired(purpose, on: cpu) }
    try bench.group.attach(domain, on: .boot)
    let measured = try DrivenLoop(bench: bench, domain: domain).run(
      pairInstructions: scheme.pairInstructions, schemeWork: { scheme.work },
      onMeasuring: { checkers.restartWindow() },
      counts: { [unowned domain] in Self.counts(domain.counters) },
      onStopping: { checkers.closeWindow() })
    let window = checkers.window
    let audit = RefreshAudit(
      domain: domain.counters.ranges + domain.counters.globals,
      driver: bench.function.refreshCounters.ranges + bench.function.refreshCounters.globals,
      machine: Self.total(bench.machine.refreshTotals))
    bench.timer.handle(nil)
    bench.group.detach(on: .boot)
    checkers.expectNothingReachable()
    checkers.expectBalance(
      live: domain.liveMappings, held: 0, quarantined: domain.quarantineRecord.ranges)
    // Handlers hold the driver, and the driver the domain.
    bench.machine.shutDown()
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
