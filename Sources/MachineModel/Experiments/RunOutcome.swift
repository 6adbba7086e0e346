import Histogram
import IOMMU
import ZPCI
import Workloads

/// What came of some work on a domain, before it is made into a result.
struct RunOutcome {
  let measurement: LoopMeasurement
  let invalidations: ComparisonRow.Invalidations
  /// The stale times up to the end of the measurement.
  let window: StaleWindowSum
  /// What rounds took of the stack; `nil` for work that does not go in rounds.
  var work: WorkTable<UInt64>?

  func result(
    _ bench: ExperimentBench, audit: RefreshAudit, checkers: CheckerSuite
  ) -> ExperimentResult {
    let latencies = measurement.latencies
    func microseconds(_ percentile: Double) -> Double? {
      latencies.totalCount == 0
        ? nil : Double(latencies.valueAtPercentile(percentile)) / 1_000
    }
    var result = ExperimentResult(
      policy: bench.policy, resolution: bench.resolution,
      rate: bench.description.pacing == .rounds ? nil : measurement.rate,
      requests: measurement.requests, invalidations: invalidations, window: window,
      latency: ComparisonRow.Latency(
        p50: microseconds(50), p99: microseconds(99), p999: microseconds(99.9)),
      violations: checkers.log.first,
      badRequests: measurement.wrongData + measurement.failures, audit: audit,
      refreshes: bench.machine.refreshTotals)
    result.work = work
    result.instructions = work?.instructions(at: bench.description.instructions)
    return result
  }
}

/// What is done with a domain in a run; it leaves nothing mapped.
protocol DomainWork {
  /// Works on a domain with a translation table.
  func run<Scheme: PricedScheme>(
    on domain: PagingDomain<ModelPlatform, Scheme>, _ bench: ExperimentBench,
    _ checkers: CheckerSuite
  ) throws -> RunOutcome

  /// Works on a domain without one.
  func run(
    on domain: IdentityDomain<ModelPlatform>, _ bench: ExperimentBench, _ checkers: CheckerSuite
  ) throws -> RunOutcome
}

extension ComparisonRow.Invalidations {
  /// No invalidation.
  static var none: Self { Self(map: 0, unmap: 0, global: 0) }

  /// What a domain has counted so far.
  init(_ counters: InvalidationCounters) {
    self.init(
      map: counters[.map], unmap: counters.ranges - counters[.map], global: counters.globals)
  }

  static func - (later: Self, earlier: Self) -> Self {
    Self(
      map: later.map - earlier.map, unmap: later.unmap - earlier.unmap,
      global: later.global - earlier.global)
  }
}

extension RefreshTotals {
  /// Instructions of any outcome.
  var all: UInt64 { range + global + failed }
}
