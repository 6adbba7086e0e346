/// How the next task is chosen.
enum Strategy {
  /// By the tree of schedules that is searched exhaustively.
  case tree
  /// At random, evenly or by priorities.
  case sampling
  /// As written down.
  case script
}

extension Interleaving {
  /// The task that makes the next step; nil after a violation.
  @inline(__always)
  mutating func choose(among runnable: UInt8) -> Int? {
    switch strategy {
    case .tree: chooseInTree(among: runnable)
    case .sampling: sampling.choose(among: runnable, step: made.count)
    case .script: chooseByScript(among: runnable)
    }
  }

  /// The task that goes on where nothing else is said: the same as before, else the first.
  @inline(__always)
  func defaultTask(among runnable: UInt8) -> Int {
    if current >= 0, runnable & (1 << UInt8(current)) != 0 { return current }
    return runnable.trailingZeroBitCount
  }
}
