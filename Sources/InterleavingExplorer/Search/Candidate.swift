/// A schedule that leads to a violation.
struct Candidate {
  var violation: Violation
  var steps: [MadeStep]

  /// Switches away from a task that could have gone on.
  var preemptions: Int { steps.indices.count { Self.isPreemption(at: $0, in: steps) } }

  /// Changes from one task to another.
  private var switches: Int { zip(steps, steps.dropFirst()).count { $0.task != $1.task } }

  static func isPreemption(at index: Int, in steps: [MadeStep]) -> Bool {
    if index == 0 { return false }
    let before = steps[index - 1].task
    return steps[index].task != before && steps[index].runnable & (1 << before) != 0
  }

  /// Whether a reader would rather have this: fewer preemptions, switches, steps, in this order.
  func isSimpler(than other: Candidate) -> Bool {
    (preemptions, switches, steps.count)
      < (other.preemptions, other.switches, other.steps.count)
  }

  /// Whether it has fewer preemptions, or as many and fewer steps.
  func isShorter(than other: Candidate) -> Bool {
    (preemptions, steps.count) < (other.preemptions, other.steps.count)
  }

  var segments: [ReplaySegment] {
    Replay.joined(steps.map { ReplaySegment(task: Int($0.task) + 1, steps: 1) })
  }
}
