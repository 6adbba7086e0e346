/// A schedule that was written down: so many steps of one task, then of another.
struct Script {
  /// What becomes of a script that asks for a task which cannot go on.
  enum Manner {
    /// The rest of the segment is left out.
    case lenient
    /// The run ends; see ``Script/divergence``.
    case strict
  }

  var segments: [ReplaySegment] = []
  var manner = Manner.strict
  private var index = 0
  private var used: UInt64 = 0
  /// Where the run did not follow, for a reader.
  private(set) var divergence: String?

  init() {}

  init(_ segments: [ReplaySegment], _ manner: Manner) {
    self.segments = segments
    self.manner = manner
  }

  /// The task that the script says; nil after its end, where the default rule goes on.
  fileprivate mutating func next(among runnable: UInt8, step: Int) -> Int? {
    while index < segments.count {
      let segment = segments[index]
      let task = segment.task - 1
      if used == segment.steps {
        index += 1
        used = 0
      } else if task < 8, runnable & (1 << UInt8(task)) != 0 {
        used += 1
        return task
      } else if manner == .strict {
        divergence = "step \(step + 1): task \(segment.task) cannot go on here"
        return nil
      } else {
        index += 1
        used = 0
      }
    }
    return nil
  }

  /// After the run: whether it ended before the script did.
  mutating func finish(steps: Int) {
    guard manner == .strict, divergence == nil else { return }
    let total = segments.reduce(0) { $0 + $1.steps }
    if total > UInt64(steps) {
      divergence = "the run ends after \(steps) steps, of \(total) in the replay string"
    }
  }
}

extension Interleaving {
  mutating func chooseByScript(among runnable: UInt8) -> Int? {
    if let task = script.next(among: runnable, step: made.count) { return task }
    return script.divergence == nil ? defaultTask(among: runnable) : nil
  }
}
