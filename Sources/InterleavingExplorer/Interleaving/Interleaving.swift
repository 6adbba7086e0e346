import IOMMU

/// What is chosen next.
enum Decision: Equatable {
  /// The task goes on, or begins.
  case task(Int)
  /// The run is over: all tasks have ended, or a violation was found.
  case over
}

/// The state of one run after another: who waits for what, what was done, and who is next.
///
/// Whoever has the baton works on it. It has no thread of its own: the task that reaches a yield
/// point takes the decision, so that going on with the same task costs no handover.
struct Interleaving {
  /// Number of the run, from 1.
  var run: UInt64 = 0
  /// A run of more steps counts as one that never ends.
  var maximumSteps: Int
  var tasks: [TaskState] = []
  /// The tasks that have not ended, one bit each.
  var live: UInt8 = 0
  /// The next task whose code up to its first yield point runs.
  var nextToBegin = 0
  /// The task that made the last step; negative at first.
  var current = -1
  var made: [MadeStep] = []
  var violation: Violation?

  /// The steps made so far, as a sum.
  var trace = TraceHash.zero
  /// The last step on everything: its hash, their count, and the last that changes something.
  var everythingHash = TraceHash.zero
  var everythingSteps: Int32 = 0
  var lastEverythingWrite: Int32 = 0
  /// The last step that changes anything.
  var lastWrite: Int32 = 0

  /// What tasks and objects are called in texts.
  var taskNames: [String] = []
  var objectNames: [UInt64: String] = [:]

  /// What was learned over all runs.
  var names = NameTable()
  var objects = [ObjectState()]
  /// The tasks that touch everything, in any run.
  var everythingTasks: UInt8 = 0
  /// Objects that became shared in this run.
  var newlyShared: [Int32] = []
  var locks = LockOrder()

  var strategy: Strategy = .tree
  var tree = TreeSearch()
  var sampling = Sampling()
  var script = Script()

  init(maximumSteps: Int) {
    self.maximumSteps = maximumSteps
  }

  /// Forgets the last run.
  mutating func beginRun() {
    run += 1
    live = 0
    nextToBegin = 0
    current = -1
    made.removeAll(keepingCapacity: true)
    violation = nil
    trace = .zero
    everythingHash = .zero
    everythingSteps = 0
    lastEverythingWrite = 0
    lastWrite = 0
    locks.beginRun()
  }

  /// Lets the tasks with these names begin; the first that does.
  mutating func beginTasks(_ taskNames: [String]) -> Decision {
    self.taskNames = taskNames
    tasks.removeAll(keepingCapacity: true)
    for _ in taskNames { tasks.append(TaskState()) }
    live = UInt8(truncatingIfNeeded: 1 << taskNames.count - 1)
    sampling.beginRun(tasks: taskNames.count)
    return goOn()
  }

  /// The task has reached a yield point: what is next.
  mutating func reached(
    _ task: Int, _ kind: StepKind, _ name: UInt64, _ place: StepPlace
  ) -> Decision {
    let object = names.number(of: name)
    if Int(object) == objects.count { objects.append(ObjectState()) }
    tasks[task].pending = PendingStep(kind: kind, object: object, place: place)
    if object != 0, kind == .lock || kind == .unlock { checkOwner(task) }
    return goOn()
  }

  /// The task has ended: what is next.
  mutating func ended(_ task: Int) -> Decision {
    live &= ~(1 << UInt8(task))
    if let lock = tasks[task].held.last {
      let place = objects[Int(lock)].ownerPlace.text
      violate("lock-never-released", "\(taskNames[task]) ends and holds the lock taken at \(place)")
    }
    return goOn()
  }

  /// Ends the run; its first violation counts.
  mutating func violate(_ checker: String, _ message: String) {
    if violation == nil { violation = Violation(checker: checker, message: message) }
  }

  private mutating func goOn() -> Decision {
    if violation != nil { return .over }
    if nextToBegin < tasks.count {
      nextToBegin += 1
      return .task(nextToBegin - 1)
    }
    let runnable = runnableTasks()
    if runnable == 0 {
      if live != 0 { violate("deadlock", deadlockText()) }
      return .over
    }
    if made.count >= maximumSteps {
      violate("livelock", "more than \(maximumSteps) steps, and no end")
      return .over
    }
    guard let task = choose(among: runnable) else { return .over }
    make(task, among: runnable)
    return .task(task)
  }

  /// Notes what an object is called in texts.
  mutating func call(_ name: UInt64, _ text: String) {
    if objectNames[name] == nil { objectNames[name] = text }
  }
}
