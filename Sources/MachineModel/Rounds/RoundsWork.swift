import IOMMU
import NVMe
import Workloads
import ZPCI

/// A workload's rounds, as work on a domain.
struct RoundsWork: DomainWork {
  let experiment: Experiment
  let plan: RoundPlan

  func run<Scheme: PricedScheme>(
    on domain: PagingDomain<ModelPlatform, Scheme>, _ bench: ExperimentBench,
    _ checkers: CheckerSuite
  ) throws -> RunOutcome {
    let scheme = domain.scheme
    let tables = TableCounter()
    bench.machine.addObserver(tables)
    func counts() -> DomainWorkCounts {
      DomainWorkCounts(domain.counters, scheme.work, tables: tables.count)
    }
    var before = counts()
    var after = before
    let measurement = try RoundsLoop(
      experiment: experiment, plan: plan, bench: bench, domain: domain
    ).run(
      onMeasuring: {
        before = counts()
        checkers.restartWindow()
      },
      onStopping: {
        after = counts()
        checkers.closeWindow()
      })
    var outcome = RunOutcome(
      measurement: measurement, invalidations: after.invalidations - before.invalidations,
      window: checkers.window)
    outcome.work = WorkTable(
      experiment: experiment, plan: plan, policy: bench.policy, from: before, to: after)
    return outcome
  }

  func run(
    on domain: IdentityDomain<ModelPlatform>, _ bench: ExperimentBench, _ checkers: CheckerSuite
  ) throws -> RunOutcome {
    let measurement = try RoundsLoop(
      experiment: experiment, plan: plan, bench: bench, domain: domain
    ).run(onMeasuring: {}, onStopping: {})
    return RunOutcome(
      measurement: measurement, invalidations: .none, window: StaleWindowSum())
  }
}

/// Counts the tables that are made.
private final class TableCounter: MachineObserver {
  private(set) var count: UInt64 = 0

  func tableAllocated(_ table: PhysicalRange, time: Instant) { count += 1 }
}

/// What a domain and its scheme have counted so far.
struct DomainWorkCounts {
  var invalidations: ComparisonRow.Invalidations
  var maps: UInt64
  var unmaps: UInt64
  var reuseHits: UInt64
  var reuseMisses: UInt64
  var tables: UInt64
  var scheme: SchemeWork

  init(_ counters: InvalidationCounters, _ scheme: SchemeWork, tables: UInt64) {
    invalidations = ComparisonRow.Invalidations(counters)
    maps = counters[.maps]
    unmaps = counters[.unmaps]
    reuseHits = counters[.reuseHits]
    reuseMisses = counters[.reuseMisses]
    self.tables = tables
    self.scheme = scheme
  }
}

extension WorkTable<UInt64> {
  /// The work of the rounds that were measured.
  init(
    experiment: Experiment, plan: RoundPlan, policy: PolicyChoice,
    from before: DomainWorkCounts, to after: DomainWorkCounts
  ) {
    self.init(repeating: 0)
    let rounds = UInt64(plan.rounds(for: experiment.requests))
    let hits = after.reuseHits - before.reuseHits
    let made = after.maps - before.maps - hits
    let invalidations = after.invalidations - before.invalidations
    let shape = plan.shape(of: UInt64(RoundPlan.warmUp)..<UInt64(RoundPlan.warmUp) + rounds)
    self[.round] = rounds
    self[.reusedRequest] = hits
    self[.longRequest] = shape.longRequests
    switch policy.policy {
    case .identity: break
    case .strict:
      self[.treeRequest] = made
      self[.treePage] = shape.furtherPages
    case .queue:
      self[.queueRequest] = made
      self[.treePage] = shape.furtherPages
    case .singleQueue:
      self[.singleQueueRequest] = made
      self[.treePage] = shape.furtherPages
    case .legacy, .legacyStrict:
      self[.bitmapRequest] = made
      self[.bitmapPage] = shape.furtherPages
    case .rollover(let age, let stale):
      self[.rolloverRequest] = made
      self[.rolloverRun] = shape.longRequests
      self[.rolloverPage] = shape.furtherPages
      if age != nil { self[.ageCheck] = made }
      if stale != nil { self[.staleCheck] = made }
    }
    self[.rangeInvalidation] = invalidations.map + invalidations.unmap
    self[.globalInvalidation] = invalidations.global
    add(after.scheme - before.scheme)
    if policy.modifiers.contains(.batch) {
      self[.announcement] = invalidations.map > 0 ? rounds : 0
      self[.postponement] = made
    }
    if policy.modifiers.contains(.reuse) {
      self[.reuseMiss] = after.reuseMisses - before.reuseMisses
      // Only a scheme that defers keeps translations.
      let defers = policy.policy != .strict && policy.policy != .legacyStrict
      self[.parking] = defers ? after.unmaps - before.unmaps - hits : 0
    }
    self[.table] = after.tables - before.tables
  }

  private mutating func add(_ work: SchemeWork) {
    self[.treeStep] = work.treeSteps
    self[.magazineEntry] = work.magazineEntries
    self[.magazineSearch] = work.magazineSearches
    self[.neighbourWord] = work.neighbourWords
    self[.rangeBegun] = work.rangesBegun
  }
}

extension RoundPlan {
  /// How the requests of some rounds lie on pages.
  func shape(of rounds: Range<UInt64>) -> (longRequests: UInt64, furtherPages: UInt64) {
    var long: UInt64 = 0
    var further: UInt64 = 0
    for number in rounds.lowerBound * UInt64(depth)..<rounds.upperBound * UInt64(depth) {
      let bytes = UInt64(request(number).blocks) * BlockPattern.blockBytes
      let pages = (offset(turn: number / UInt64(depth)) % 4_096 + bytes + 4_095) / 4_096
      if pages > 1 { long += 1 }
      further += pages - 1
    }
    return (long, further)
  }
}
