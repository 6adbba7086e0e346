public import IOMMU
import NVMe
public import Workloads
import ZPCI

/// One workload on one machine, to be run under any number of policies.
///
/// Each run has a machine of its own, made from the same description and seed: runs share nothing
/// and may go side by side. The same experiment gives the same result, to the last digit.
public struct Experiment: Sendable {
  /// The machine.
  public var machine: MachineDescription

  /// What is asked of it.
  public var workload: Workload

  /// The seed of all random streams.
  public var seed: UInt64

  /// The kernel whose address allocator `strict` and `queue` copy.
  public var kernel: TreeFlavour

  /// How many times the aperture's pages are mapped in a measurement, in hundredths.
  public var apertureTurnsPercent: UInt64

  /// The requests that are measured, rounded up to rounds, where the machine works in rounds.
  public var requests: UInt64 = 4_096

  /// The pages that a measurement moves, where that is not told by `apertureTurnsPercent`.
  public var pagesMeasured: UInt64?

  /// An experiment; `apertureTurnsPercent` 101 lets a bitmap wrap around once.
  public init(
    machine: MachineDescription, workload: Workload, seed: UInt64 = 1,
    kernel: TreeFlavour = .linux6_1, apertureTurnsPercent: UInt64 = 101
  ) {
    self.machine = machine
    self.workload = workload
    self.seed = seed
    self.kernel = kernel
    self.apertureTurnsPercent = apertureTurnsPercent
  }

  /// Runs the workload under `policy`.
  ///
  /// Throws: what is wrong with the description, or ``ExperimentError`` where the work could not be
  /// done at all; a broken promise is no error but in the result.
  public func run(_ policy: PolicyChoice) throws -> ExperimentResult {
    let bench = try ExperimentBench(self, policy)
    if machine.pacing == .continuous { return try bench.run(LoopWork(experiment: self)) }
    return try run(RoundPlan(workload, seed: seed), bench)
  }

  /// Runs the rounds of `plan` on a machine that works in rounds, in place of the workload's.
  ///
  /// Throws: as ``run(_:)``.
  public func run(_ policy: PolicyChoice, plan: RoundPlan) throws -> ExperimentResult {
    try run(plan, try ExperimentBench(self, policy))
  }

  private func run(_ plan: RoundPlan?, _ bench: ExperimentBench) throws -> ExperimentResult {
    guard let plan, plan.isValid else {
      throw ExperimentError.driver("rounds cannot do the workload '\(workload.name)'")
    }
    return try bench.run(RoundsWork(experiment: self, plan: plan))
  }
}

/// Why an experiment could not be done.
public enum ExperimentError: Error, Equatable {
  /// The driver failed, in its own words.
  case driver(String)
  /// The machine had nothing left to do though requests were in flight.
  case stuck(outstanding: String)
}

/// What one policy came to.
public struct ExperimentResult: Sendable {
  /// The policy that was asked for.
  public var policy: PolicyChoice

  /// The policy that the device was really given, and why.
  public var resolution: PolicyResolution

  /// Requests per second of the machine's time.
  public var rate: Double?

  /// Requests measured.
  public var requests: UInt64

  /// Invalidations during the measurement.
  public var invalidations: ComparisonRow.Invalidations

  /// The exact stale times during the measurement.
  public var window: StaleWindowSum

  /// Percentiles of the time from submission to completion.
  public var latency: ComparisonRow.Latency

  /// Promises that were broken; empty unless something is wrong with the stack itself.
  public var violations: [Violation]

  /// Requests whose data was wrong, or that failed.
  public var badRequests: UInt64

  /// The three counts of invalidation instructions over the whole run, which have to be equal.
  public var audit: RefreshAudit

  /// What the machine did to refresh translations over the whole run.
  public var refreshes = RefreshTotals()

  /// What rounds took of the stack; `nil` for work that does not go in rounds.
  public var work: WorkTable<UInt64>?

  /// What that costs in instructions; `nil` where the machine does not tell.
  public var instructions: Double?
}

/// Invalidation instructions of one run as three parties counted them.
public struct RefreshAudit: Equatable, Sendable {
  /// The domain, by cause.
  public var domain: UInt64
  /// The zPCI driver, by instruction.
  public var driver: UInt64
  /// The machine.
  public var machine: UInt64

  /// Whether all agree.
  public var isBalanced: Bool { domain == driver && driver == machine }
}
