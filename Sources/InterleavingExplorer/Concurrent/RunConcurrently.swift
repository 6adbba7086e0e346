/// Runs the scenario's tasks at the same time on real threads, many times, and reports the first
/// run with a violation.
///
/// Nothing decides who goes on but the machine. The tasks of a run start together; each waits at
/// random before it does, and where the core has yield points also at these, by a generator of its
/// own that begins with `seed`, the run's number and the task's. A run does not repeat for all
/// that. It is meant for what ``explore(_:_:)`` does not model, together with the thread sanitizer.
///
/// What tasks share must be made for threads, as the core is: ``ExploredMutex`` and its like are
/// not. A violation does not end the task that reports it; the run goes on to the end of its tasks,
/// and is the last. Where a task waits for ever, in the core's yield points, the process ends with
/// the scenario's name.
///
/// Context: any thread; before the first call see ``prepareForExploration()``. Allocates: threads,
/// as many as tasks, and what the scenario makes anew for each run.
public func runConcurrently(_ scenario: Scenario, runs: Int, seed: UInt64) -> ConcurrentReport {
  prepareForExploration()
  let race = Race()
  let exploration = Exploration(scenario, ExplorationOptions(), race: race)
  var report = ConcurrentReport(scenario: scenario.name)
  exploration.withThreads {
    while report.runs < runs, report.violations.isEmpty {
      report.runs += 1
      exploration.runTogether(report.runs, seed: seed)
      report.violations = race.violations.map {
        ConcurrentFinding(
          scenario: scenario.name, run: report.runs, checker: $0.checker, message: $0.message)
      }
    }
  }
  return report
}
