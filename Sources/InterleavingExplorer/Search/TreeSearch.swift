/// What is left to do of an exhaustive search, and what was done.
///
/// A schedule is written as the choices in which it differs from the default rule, each hanging on
/// the schedule from which it branches off. Those with fewer preemptions are run first, so that
/// each is run exactly once and the first violation is one with the fewest.
struct TreeSearch {
  /// A schedule still to be run: that of `parent` up to `step`, where `task` is chosen.
  struct Branch {
    var parent: Int32
    var step: Int32
    var task: UInt8
    /// The hash of the prefix up to and with that step; zero where it is not known.
    var hash: TraceHash
  }

  /// A preemption that was not placed, since the step before which it would be is on an object that
  /// was not shared then.
  struct Deferred {
    var parent: Int32
    var step: Int32
    var tasks: UInt8
    var level: Int32
  }

  var bound = 0
  var reduces = true

  /// The schedules still to be run, by their number of preemptions.
  var open: [[Branch]] = []
  /// Those that were begun; the first is the default rule alone.
  private var begun: [Branch] = []
  /// By object.
  private var deferred: [[Deferred]] = []
  var cover = CoverTable()

  /// Of the run: its number, its preemptions, its branches from the first, the next of these.
  private(set) var node: Int32 = 0
  private(set) var level = 0
  private(set) var branches: [Branch] = []
  var nextBranch = 0
  /// The step of the last branch; negative if there is none.
  private(set) var lastBranch = -1
  /// Whether the run looks for further branches.
  var isBranching = true

  /// Counts: choices that were covered, runs that came to what was covered, and deferrals.
  var coveredChoices: UInt64 = 0
  var convergedRuns: UInt64 = 0
  var deferredChoices: UInt64 = 0

  init() {}

  init(bound: Int, reduces: Bool) {
    self.bound = bound
    self.reduces = reduces
    push(Branch(parent: -1, step: -1, task: 0, hash: .zero), level: 0)
  }

  /// Adds a schedule.
  mutating func push(_ branch: Branch, level: Int) {
    while open.count <= level { open.append([]) }
    open[level].append(branch)
  }

  /// Takes up a schedule with the fewest preemptions; false if none is left within the bound.
  mutating func begin() -> Bool {
    for level in open.indices where level <= bound {
      while let branch = open[level].popLast() {
        if branch.hash != .zero, cover.covers(branch.hash, Int(branch.task), level) {
          coveredChoices += 1
          continue
        }
        begin(branch, level)
        return true
      }
    }
    return false
  }

  /// The fewest preemptions of a schedule still to be run; nil if none is left.
  var nextLevel: Int? { open.indices.first { $0 <= bound && !open[$0].isEmpty } }

  private mutating func begin(_ branch: Branch, _ level: Int) {
    self.level = level
    node = Int32(begun.count)
    begun.append(branch)
    branches.removeAll(keepingCapacity: true)
    var next = branch
    while next.parent >= 0 {
      branches.append(next)
      next = begun[Int(next.parent)]
    }
    branches.reverse()
    nextBranch = 0
    lastBranch = branches.last.map { Int($0.step) } ?? -1
    isBranching = true
  }

  /// Keeps preemptions for the case that the object turns out to be shared.
  mutating func postpone(_ object: Int32, step: Int, tasks: UInt8) {
    while deferred.count <= Int(object) { deferred.append([]) }
    deferred[Int(object)].append(
      Deferred(parent: node, step: Int32(step), tasks: tasks, level: Int32(level + 1)))
    deferredChoices += UInt64(tasks.nonzeroBitCount)
  }

  /// The object is shared: what was kept for this case is to be run.
  mutating func release(_ object: Int32) {
    guard Int(object) < deferred.count else { return }
    for point in deferred[Int(object)] {
      deferredChoices -= UInt64(point.tasks.nonzeroBitCount)
      for task in UInt8(0)..<8 where point.tasks & (1 << task) != 0 {
        push(
          Branch(parent: point.parent, step: point.step, task: task, hash: .zero),
          level: Int(point.level))
      }
    }
    deferred[Int(object)] = []
  }
}
