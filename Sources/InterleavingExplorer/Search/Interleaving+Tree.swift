extension Interleaving {
  /// The task that the schedule of this run says; adds the schedules that branch off here.
  mutating func chooseInTree(among runnable: UInt8) -> Int? {
    let step = made.count
    if step <= tree.lastBranch { return followBranch(step, among: runnable) }
    let task = defaultTask(among: runnable)
    guard tree.isBranching, noteReached(step, among: runnable) else { return task }
    addBranches(step, instead: task, among: runnable)
    return task
  }

  private mutating func followBranch(_ step: Int, among runnable: UInt8) -> Int? {
    let branch = tree.branches[tree.nextBranch]
    guard Int(branch.step) == step else { return defaultTask(among: runnable) }
    tree.nextBranch += 1
    if runnable & (1 << branch.task) != 0 { return Int(branch.task) }
    violate(
      "nondeterminism",
      "after the same \(step) steps \(taskNames[Int(branch.task)]) could go on before, "
        + "and cannot now")
    return nil
  }

  /// Marks the prefix; false if it was covered, so that nothing new can follow.
  ///
  /// With the last preemption used, only prefixes from which more than one schedule goes on, and
  /// the first after a branch, are looked at.
  private mutating func noteReached(_ step: Int, among runnable: UInt8) -> Bool {
    guard tree.reduces, current >= 0 else { return true }
    let goesOn = runnable & (1 << UInt8(current)) != 0
    let isFirst = step == tree.lastBranch + 1
    if isFirst, let branch = tree.branches.last, branch.hash != .zero, branch.hash != trace {
      violate("nondeterminism", "the first \(step) steps are not what they were before")
    }
    if tree.level == tree.bound, goesOn, !isFirst { return true }
    if tree.cover.covers(trace, current, tree.level) {
      tree.isBranching = false
      tree.convergedRuns += 1
      return false
    }
    tree.cover.mark(trace, tasks: goesOn ? 1 << UInt8(current) : 0xff, tree.level)
    return true
  }

  private mutating func addBranches(_ step: Int, instead chosen: Int, among runnable: UInt8) {
    let others = runnable & ~(1 << UInt8(chosen))
    if others == 0 { return }
    let isPreemption = chosen == current
    let level = tree.level + (isPreemption ? 1 : 0)
    if level > tree.bound { return }
    if isPreemption, tree.reduces {
      let pending = tasks[chosen].pending
      // A step on everything conflicts with all others, and counts as the object 0.
      let object = pending.touchesEverything ? 0 : pending.object
      if !objects[Int(object)].isShared {
        tree.postpone(object, step: step, tasks: others)
        return
      }
    }
    for task in 0..<8 where others & (1 << UInt8(task)) != 0 {
      var hash = TraceHash.zero
      if tree.reduces {
        hash = trace &+ stepHash(task)
        if tree.cover.covers(hash, task, level) {
          tree.coveredChoices += 1
          continue
        }
      }
      tree.push(
        TreeSearch.Branch(
          parent: tree.node, step: Int32(step), task: UInt8(task), hash: hash), level: level)
    }
  }
}
