import IOMMU
import MachineModel

/// Does the work of `tune`: a run for each setting, then for others between those that matter.
struct SweepRunner {
  private let request: SweepRequest
  private let work: PreparedExperiment
  private let progress: Progress
  private let started = ContinuousClock.now
  private var settings: [TunedSetting] = []
  private var refused: [Sweep.Refusal] = []
  private var results: [ExperimentResult] = []
  private var done = 0

  private init(_ request: SweepRequest, _ work: PreparedExperiment, _ progress: Progress) {
    self.request = request
    self.work = work
    self.progress = progress
  }

  /// Sweeps.
  ///
  /// The same request gives the same result, on however many processors. Throws: what reading the
  /// work throws; `checkFailed` where a run breaks a promise, or no setting can do the work.
  static func run(_ request: SweepRequest, _ progress: Progress) async throws(ToolError) -> Sweep {
    try await run(request, try await request.experiment.prepare(progress), progress)
  }

  /// Sweeps over work that is ready to be run.
  static func run(
    _ request: SweepRequest, _ work: PreparedExperiment, _ progress: Progress
  ) async throws(ToolError) -> Sweep {
    var runner = SweepRunner(request, work, progress)
    return try await runner.sweep()
  }

  private mutating func sweep() async throws(ToolError) -> Sweep {
    let reference = ExperimentRunner.reference
    let first = request.experiment.policies
    let reportsReference = first.contains(reference)
    try await tryAll(first + (reportsReference ? [] : [reference]))
    let base = settings.first { $0.policy == reference }?.result.rate
    if !reportsReference {
      settings.removeAll { $0.policy == reference }
      refused.removeAll { $0.policy == reference }
    }
    let coarse = settings.count
    var report = report
    for _ in 0..<(request.isRefined ? SweepRefinement.rounds : 0) {
      let next = SweepRefinement.next(after: report)
      if next.isEmpty { break }
      try await tryAll(next)
      report = self.report
    }
    if settings.isEmpty {
      throw .checkFailed("no setting could do the work: \(refused.first?.reason ?? "none given")")
    }
    return Sweep(
      machine: request.experiment.machine, workload: request.experiment.workload.label,
      measure: request.measure, referenceRate: base, report: report,
      refined: settings.count - coarse, runs: done, refused: refused,
      notes: work.notes + PolicyRuns.restrictions(results) + overstayed)
  }

  /// Says which policies left a page stale for longer than they promise: where a processor does
  /// not get round to invalidating in time, or the policy is wrong.
  private var overstayed: [String] {
    results.compactMap { result in
      let given = PolicyChoice(result.resolution.policy, result.policy.modifiers)
      let longest = result.window.longestNanoseconds
      guard given.policy != .strict, given.policy != .legacyStrict,
        let bound = given.longestStale(on: request.experiment.machine), longest > bound.rawValue
      else { return nil }
      let times = [longest, bound.rawValue].map { TextTable.number(Double($0) / 1e6, 3) }
      return "\(PolicySpelling.spelling(of: result.policy)): a page was stale for \(times[0]) ms; "
        + "the policy is to end that after \(times[1]) ms"
    }
  }

  private var report: TuningReport {
    TuningReport(
      settings, atLeast: request.atLeast, kind: request.experiment.machine.translation)
  }

  private mutating func tryAll(_ policies: [PolicyChoice]) async throws(ToolError) {
    let (before, started, progress) = (done, started, progress)
    let outcomes = await PolicyRuns.outcomes(of: policies, work, width: request.width) { count in
      let left = (ContinuousClock.now - started) / (before + count) * (policies.count - count)
      progress.show(
        "\(before + count) of \(before + policies.count) settings, "
          + "about \(left.components.seconds + 1) s left")
    }
    done += policies.count
    for (policy, outcome) in zip(policies, outcomes) {
      switch outcome {
      case .success(let result):
        try PolicyRuns.check(result)
        results.append(result)
        settings.append(TunedSetting(result, request.measure, on: request.experiment.machine))
      case .failure(ReplayError.refused(let step, .noAddress)):
        refused.append(
          Sweep.Refusal(policy: policy, reason: "no address was free at step \(step) of the work"))
      case .failure(let error):
        throw .checkFailed("\(PolicySpelling.spelling(of: policy)): \(error)")
      }
    }
  }
}
