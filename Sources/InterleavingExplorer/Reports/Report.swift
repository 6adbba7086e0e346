/// What an exploration came to.
public struct Report: Sendable {
  /// The scenario's name.
  public var scenario: String
  /// The tasks' names, in their order; empty where the set-up failed in each run.
  public var tasks: [String] = []
  /// The schedules that were run, each once.
  public var schedules: UInt64 = 0
  /// All runs: also those that repeat a schedule to check it, or to make it shorter.
  public var runs: UInt64 = 0
  /// Whether schedules were searched, not drawn or repeated.
  public var isSearch = false
  /// Whether no schedule within the bound can show anything that these did not show.
  ///
  /// False for random schedulers, and where a violation or a limit ended the search.
  public var isExhaustive = false
  /// All schedules with at most so many preemptions are covered; nil if there is no such number.
  public var preemptions: Int?
  /// The most steps of a run.
  public var longestSteps = 0
  /// What the reductions left out.
  public var pruned = PrunedCounts()
  /// The objects that were touched.
  public var objects = 0
  /// Those of them that two tasks touched, one of them changing it.
  public var sharedObjects = 0
  /// How many schedules came to each outcome, by ``Execution/outcome(_:)``.
  public var outcomes: [String: UInt64] = [:]
  /// The shortest schedule found for each checker, in the order in which they were first found.
  public var violations: [Finding] = []
  /// Where a replay string did not fit the scenario, for a reader; nil where it did.
  public var divergence: String?

  init(scenario: String) {
    self.scenario = scenario
  }
}

/// What the reductions of an exhaustive search left out.
public struct PrunedCounts: Sendable, Equatable {
  /// Choices that were not taken since what follows them was covered.
  public var covered: UInt64 = 0
  /// Preemptions that were not placed since the next step is on an object that is not shared.
  public var unshared: UInt64 = 0
  /// Schedules that came to a covered state, and from there on led to no others.
  public var converged: UInt64 = 0
}

/// A violation, and the shortest schedule found that leads to it.
public struct Finding: Sendable, Equatable {
  /// What was violated: a scenario's checker, or one of the engine's own.
  public var checker: String
  /// What happened.
  public var message: String
  /// The steps up to the violation.
  public var schedule: [ScheduleStep]
  /// How many switches in the schedule took a task off that could have gone on.
  public var preemptions: Int
  /// The same schedule, for ``Scheduler/replay(_:)``.
  public var replay: Replay
}

/// One step of a schedule, for a reader.
public struct ScheduleStep: Sendable, Equatable {
  /// The task's name.
  public var task: String
  /// What it did and where, such as `lock attach(_:on:)  DeviceGroup.swift:75`.
  public var what: String
  /// Whether another task could have gone on, and was preempted by this one.
  public var isPreemption: Bool
}
