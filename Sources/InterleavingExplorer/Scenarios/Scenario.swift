/// A few tasks that race, made anew for each run, and what is checked about them.
///
/// The body is the set-up: it makes the objects, adds the tasks with ``Execution/task(_:_:)`` and
/// says with ``Execution/atEnd(_:)`` what must hold afterwards. It runs on the exploring thread,
/// once for each schedule, and must do the same each time.
///
///     let scenario = Scenario("lost-update", "two increments", checks: "none is lost") { run in
///       let counter = ExploredVariable("counter", 0)
///       for name in ["first", "second"] {
///         run.task(name) { counter.store(counter.load() + 1) }
///       }
///       run.atEnd { if counter.value != 2 { run.report("sum", "it is \(counter.value)") } }
///     }
///     let report = explore(scenario, ExplorationOptions(.exhaustive(preemptions: 2)))
public struct Scenario: Sendable {
  /// What it is called on the command line and in replay strings.
  public let name: String
  /// What is raced against what.
  public let summary: String
  /// What it checks, in one line.
  public let checks: String

  let body: @Sendable (Execution) -> Void

  /// A scenario.
  ///
  /// The name must not be empty and may hold anything but white space.
  public init(
    _ name: String, _ summary: String, checks: String,
    _ body: @escaping @Sendable (Execution) -> Void
  ) {
    precondition(!name.isEmpty && !name.contains(where: \.isWhitespace), "not a scenario's name")
    self.name = name
    self.summary = summary
    self.checks = checks
    self.body = body
  }
}
