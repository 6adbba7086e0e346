import IOMMU

/// What is known of an object: over all runs which tasks touch it, and in this run who did what.
struct ObjectState {
  /// Number of the run that the second half is about; it is stale in any other.
  var run: UInt64 = 0

  /// The tasks that touched it in any run, and those that changed it, one bit each.
  var touchers: UInt8 = 0
  var writers: UInt8 = 0
  /// Whether two tasks touch it, and one of them changes it, in what was seen so far.
  var isShared = false

  /// The task that holds it, for a lock; negative if none does.
  var owner = -1
  /// Where it was taken.
  var ownerPlace = StepPlace.none
  /// The last step that changed it, counted from 1, and what each task has seen of that.
  var lastWrite: Int32 = 0
  var seen = InlineArray<8, Int32>(repeating: 0)

  /// The last step that changed it.
  var writeHash = TraceHash.zero
  /// How many steps on everything had been made then; they change each object.
  var everythingSteps: Int32 = 0

  init() {}

  /// Forgets what was done in another run.
  @inline(__always)
  mutating func begin(run: UInt64) {
    if self.run == run { return }
    self.run = run
    owner = -1
    lastWrite = 0
    seen = InlineArray(repeating: 0)
    writeHash = .zero
    everythingSteps = 0
  }
}

/// What is known of a task in this run.
struct TaskState {
  /// What it will do when it is chosen next.
  var pending = PendingStep.none
  /// How many steps it has made.
  var steps: UInt64 = 0
  /// Its last step.
  var lastHash = TraceHash.zero
  /// When it last made a step, and one that touches everything, counted from 1.
  var lastStep: Int32 = 0
  var lastEverything: Int32 = 0
  /// The locks that it holds, in the order in which it took them.
  var held: [Int32] = []
}
