/// How the schedules of an exploration are chosen.
public enum Scheduler: Sendable, Equatable {
  /// Each schedule with at most so many preemptions, those with fewer first.
  ///
  /// `Int.max` is no bound. A preemption is a switch away from a task that could go on; switching
  /// where a task waits, is blocked or has ended costs none.
  case exhaustive(preemptions: Int)
  /// Random priorities with `depth` - 1 changes in each of `runs` runs.
  ///
  /// A bug that shows when `depth` steps come in a certain order is found by each run with a
  /// probability of at least 1/(n k^(depth-1)), for n tasks and k steps a run.
  case pct(depth: Int, runs: Int, seed: UInt64)
  /// Any task that can go on, each step anew and evenly, in `runs` runs.
  case random(runs: Int, seed: UInt64)
  /// The one schedule of a finding.
  case replay(Replay)
}

/// What an exploration is to do, and how much of it.
public struct ExplorationOptions: Sendable {
  /// How schedules are chosen.
  public var scheduler: Scheduler
  /// Whether an exhaustive search leaves out schedules that show nothing new.
  ///
  /// Without that each schedule within the bound is run; both find the same violations.
  public var reduces = true
  /// Whether each schedule is run twice and must do the same both times.
  public var checksDeterminism = false
  /// A run of more steps is reported as one that never ends.
  public var maximumSteps = 10_000
  /// No more schedules than this are run; a search that it cuts short is not exhaustive.
  public var maximumSchedules = UInt64.max
  /// How many schedules are still run after the first violation, for one with fewer steps.
  public var schedulesAfterViolation: UInt64 = 200
  /// At most how many runs are spent on making a violation's schedule shorter.
  public var shorteningRuns = 300
  /// Called now and then with the number of schedules that were run, on the exploring thread.
  public var progress: (@Sendable (UInt64) -> Void)?

  /// Options with defaults but for the scheduler.
  public init(_ scheduler: Scheduler = .exhaustive(preemptions: 2)) {
    self.scheduler = scheduler
  }
}
