/// One run of a scenario: its tasks, what is done at the end, and the violations that it reports.
///
/// Context: the exploring thread and the run's tasks, of which only one runs at a time; with
/// ``runConcurrently(_:runs:seed:)`` all of them do.
public final class Execution: @unchecked Sendable {
  /// At most so many tasks race in a run.
  public static var maximumTasks: Int { 8 }

  let exploration: Exploration
  var names: [String] = []
  var bodies: [() -> Void] = []
  var ends: [() -> Void] = []
  /// Checked when the run has come to its end without a violation.
  var resources: [ExploredResource] = []
  /// What the run came to, as told to ``outcome(_:)``.
  var outcomes: [String] = []
  /// How many objects were named by the set-up, and by each task.
  var named = [UInt64](repeating: 0, count: Execution.maximumTasks + 1)
  /// Tasks are only added by the set-up.
  var isSettingUp = true

  init(_ exploration: Exploration) {
    self.exploration = exploration
  }

  /// The calling thread's run; nil outside of explorations.
  public static var current: Execution? { ThreadContext.current?.execution }

  /// Adds a task; the scenario's set-up alone may do so, at most ``maximumTasks`` times.
  ///
  /// Its code up to its first yield point runs before any task goes on, in the tasks' order: by the
  /// rule for what yield points do not tell, it touches nothing that others touch.
  public func task(_ name: String, _ body: @escaping () -> Void) {
    precondition(isSettingUp, "tasks are added by the set-up alone")
    precondition(bodies.count < Self.maximumTasks, "too many tasks for one run")
    names.append(name)
    bodies.append(body)
  }

  /// Adds what is done after all tasks have ended, on the exploring thread, in the order added.
  ///
  /// It is left out when the run had a violation.
  public func atEnd(_ body: @escaping () -> Void) {
    ends.append(body)
  }

  /// Reports that what `checker` checks does not hold.
  ///
  /// The run's first violation counts. From a task this does not return: the run ends here, and the
  /// task's frames are never left, so that code after a broken promise cannot do damage. From the
  /// set-up or from the end it returns, and where tasks run at the same time it does from these.
  public func report(_ checker: String, _ message: String) {
    exploration.violated(Violation(checker: checker, message: message))
  }

  /// Notes what the run came to; ``Report/outcomes`` counts runs by it.
  ///
  /// Several calls in one run are joined in their order. Not for tasks that run at the same time.
  public func outcome(_ text: String) {
    outcomes.append(text)
  }
}

extension ThreadContext {
  /// A name that is the same in each run, whatever the interleaving; 0 outside of runs.
  func nameObject() -> UInt64 {
    // Where tasks run at the same time nobody asks for the names of what they make.
    guard let execution, task >= -1 else { return 0 }
    execution.named[task + 1] += 1
    let count = execution.named[task + 1]
    precondition(count < 1 << 24, "too many objects in one run")
    return UInt64(task + 1) << 24 | count
  }
}
