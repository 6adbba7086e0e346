/// Chooses at random: evenly, or by priorities as PCT does.
///
/// PCT: Burckhardt, Kothari, Musuvathi and Nagarakatte, "A randomized scheduler with probabilistic
/// guarantees of finding bugs", ASPLOS 2010, section 4. Each task gets a random priority, and the
/// highest that can go on does; at d - 1 random steps the task that would go on falls below all
/// others. A bug that needs d orderings of steps is found by a run with a probability of at least
/// 1/(n k^(d-1)), for n tasks and k steps.
struct Sampling {
  /// How to choose.
  enum Manner {
    case even
    case priorities(depth: Int)
  }

  var manner = Manner.even
  /// The most steps that a run has made: what PCT takes for k.
  var longest = 0
  private var stream = SplitMix(seed: 0)
  private var priorities: [Int] = []
  private var changes: [Int] = []

  init() {}

  /// What chance the next run has.
  mutating func prepare(seed: UInt64, run: UInt64) {
    stream = SplitMix(seed: seed, run: run)
  }

  /// Draws priorities and the steps at which they change.
  mutating func beginRun(tasks: Int) {
    guard case .priorities(let depth) = manner else { return }
    // From `depth` upward, so that each change, to a number below, is below all of them.
    priorities = Array(depth..<depth + tasks)
    for index in stride(from: tasks - 1, to: 0, by: -1) {
      priorities.swapAt(index, stream.next(below: index + 1))
    }
    changes = []
    for _ in 1..<max(depth, 1) { changes.append(stream.next(below: max(longest, 1))) }
  }

  mutating func choose(among runnable: UInt8, step: Int) -> Int {
    switch manner {
    case .even:
      var rest = runnable
      for _ in 0..<stream.next(below: runnable.nonzeroBitCount) { rest &= rest - 1 }
      return rest.trailingZeroBitCount
    case .priorities:
      var best = highest(among: runnable)
      for (index, change) in changes.enumerated() where change == step {
        priorities[best] = index
        best = highest(among: runnable)
      }
      return best
    }
  }

  private func highest(among runnable: UInt8) -> Int {
    var best = runnable.trailingZeroBitCount
    for task in priorities.indices where runnable & (1 << UInt8(task)) != 0 {
      if priorities[task] > priorities[best] { best = task }
    }
    return best
  }
}
