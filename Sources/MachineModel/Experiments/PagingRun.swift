import IOMMU
import NVMe
import ZPCI
import Workloads

/// A run with a translation table, under whatever scheme the policy needs.
struct PagingRun<Work: DomainWork>: SchemeVisitor {
  typealias Failure = any Error

  let bench: ExperimentBench
  let work: Work

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
      processors: bench.description.cpus, modifiers: bench.policy.modifiers,
      cost: bench.description.invalidationCost)
    let domain = try PagingDomain<ModelPlatform, Scheme>(
      scheme: scheme, memory: bench.machine.memory, timer: bench.timer, observer: checkers,
      options: options)
    bench.timer.handle { [weak domain] purpose, cpu in domain?.timerFired(purpose, on: cpu) }
    try bench.group.attach(domain, on: .boot)
    let outcome = try work.run(on: domain, bench, checkers)
    let audit = RefreshAudit(
      domain: domain.counters.ranges + domain.counters.globals,
      driver: bench.function.refreshCounters.ranges + bench.function.refreshCounters.globals,
      machine: bench.machine.refreshTotals.all)
    bench.timer.handle(nil)
    try bench.group.detach(on: .boot)
    checkers.expectNothingReachable()
    checkers.expectBalance(
      live: domain.liveMappings, held: 0, quarantined: domain.quarantineRecord.ranges)
    // Handlers hold the driver, and the driver the domain.
    bench.machine.shutDown()
    return outcome.result(bench, audit: audit, checkers: checkers)
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
    try bench.group.detach(on: .boot)
    bench.machine.shutDown()
    return outcome.result(bench, audit: audit, checkers: checkers)
  }
}

extension ExperimentBench {
  /// Does `work` on the domain that the policy needs.
  func run(_ work: some DomainWork) throws -> ExperimentResult {
    if let result = try schemes.accept(PagingRun(bench: self, work: work)) { return result }
    return try IdentityRun(bench: self, work: work).run()
  }
}
