import MachineModel

/// Does the work of `fuzz`: one run for each seed, side by side, and their sum in order.
enum FuzzRunner {
  private struct Run: Sendable {
    var index: UInt64
    var report: SimulationReport
    var failure: SimulationFailure?
    /// What was drawn cannot be built.
    var refusal: String?
  }

  /// Runs seeds until all are done, the time is over, or one fails.
  ///
  /// The sum is that of the seeds up to the first that failed, so that it does not depend on how
  /// many others had begun.
  static func run(
    _ request: FuzzRequest, _ progress: Progress
  ) async throws(ToolError) -> FuzzOutcome {
    let clock = ContinuousClock()
    let start = clock.now
    let deadline = request.seconds.map { start.advanced(by: .seconds(Int64(clamping: $0))) }
    var runs: [Run] = []
    await withTaskGroup(of: Run.self) { tasks in
      var next: UInt64 = 0
      var hasFailed = false
      func begin() {
        if hasFailed || next >= request.seeds ?? .max { return }
        if let deadline, clock.now >= deadline { return }
        let index = next
        next += 1
        tasks.addTask { one(request.options, index) }
      }
      for _ in 0..<min(request.jobs ?? processors, Self.jobsMax) { begin() }
      var operations: UInt64 = 0
      for await run in tasks {
        hasFailed = hasFailed || run.failure != nil || run.refusal != nil
        operations += run.report.operations
        runs.append(run)
        progress.show("\(runs.count) seeds, \(operations) operations")
        begin()
      }
    }
    runs.sort { $0.index < $1.index }
    var outcome = FuzzOutcome()
    let span = start.duration(to: clock.now).components
    outcome.seconds = Double(span.seconds) + Double(span.attoseconds) / 1e18
    for run in runs {
      if let refusal = run.refusal { throw .checkFailed(refusal) }
      outcome.report.add(run.report)
      guard let failure = run.failure else { continue }
      progress.show("seed \(failure.seed) failed; looking for a shorter way there")
      outcome.failure = explain(failure, request.options)
      break
    }
    return outcome
  }

  /// More would not be faster, and those that wait would be begun before the time is looked at.
  private static let jobsMax = 4 * processors

  private static func one(_ common: SimulationOptions, _ index: UInt64) -> Run {
    var options = common
    options.seed = common.seed &+ index
    do throws(MachineDescriptionError) {
      let simulation = try Simulation(options)
      simulation.run()
      return Run(index: index, report: simulation.report, failure: simulation.failure)
    } catch {
      return Run(
        index: index, report: SimulationReport(),
        refusal: "seed \(options.seed) draws a machine that cannot be: \(error)")
    }
  }

  private static func explain(
    _ failure: SimulationFailure, _ common: SimulationOptions
  ) -> FuzzFailure {
    var options = common
    options.seed = failure.seed
    var shrinker = SimulationShrinker(options, failure)
    let replay = shrinker.options.commandLine
    shrinker.shrink()
    return FuzzFailure(
      failure: failure, replay: replay, shrunk: shrinker.options.commandLine,
      story: shrinker.story(of: 40))
  }
}
