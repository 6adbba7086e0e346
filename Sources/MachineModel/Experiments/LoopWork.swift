import IOMMU
import NVMe
import ZPCI
import Workloads

/// A workload's closed loop, as work on a domain.
struct LoopWork: DomainWork {
  let experiment: Experiment

  func run<Scheme: PricedScheme>(
    on domain: PagingDomain<ModelPlatform, Scheme>, _ bench: ExperimentBench,
    _ checkers: CheckerSuite
  ) throws -> RunOutcome {
    let scheme = domain.scheme
    return try DrivenLoop(experiment: experiment, bench: bench, domain: domain).run(
      pairInstructions: scheme.pairInstructions, schemeWork: { scheme.work },
      onMeasuring: { checkers.restartWindow() },
      counts: { [unowned domain] in ComparisonRow.Invalidations(domain.counters) },
      onStopping: {
        checkers.closeWindow()
        return checkers.window
      })
  }

  func run(
    on domain: IdentityDomain<ModelPlatform>, _ bench: ExperimentBench, _ checkers: CheckerSuite
  ) throws -> RunOutcome {
    try DrivenLoop(experiment: experiment, bench: bench, domain: domain).run(
      pairInstructions: 0, schemeWork: { SchemeWork() }, onMeasuring: {}, counts: { .none },
      onStopping: { StaleWindowSum() })
  }
}
