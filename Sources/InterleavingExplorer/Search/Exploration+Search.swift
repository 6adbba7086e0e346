extension Exploration {
  /// Explores as the options say; ``report`` is complete afterwards, but for the findings' texts.
  func search() {
    switch options.scheduler {
    case .exhaustive(let bound): searchTree(bound: max(bound, 0))
    case .pct(let depth, let runs, let seed):
      interleaving.sampling.manner = .priorities(depth: depth)
      sample(runs: runs, seed: seed)
    case .random(let runs, let seed): sample(runs: runs, seed: seed)
    case .replay(let replay): replayOnce(replay)
    }
    report.sharedObjects = interleaving.objects.count { $0.isShared }
    report.objects = interleaving.objects.dropFirst().count { $0.touchers != 0 }
  }

  private func searchTree(bound: Int) {
    interleaving.tree = TreeSearch(bound: bound, reduces: options.reduces)
    var left = UInt64.max
    var isCut = false
    var deepest = 0
    while let level = interleaving.tree.nextLevel {
      // With violations found, only schedules with as few preemptions can be better.
      if let found = worstLevel, level > found || left == 0 { break }
      if report.schedules >= options.maximumSchedules {
        isCut = true
        break
      }
      interleaving.strategy = .tree
      guard interleaving.tree.begin() else { break }
      deepest = max(deepest, interleaving.tree.level)
      runSchedule()
      for object in interleaving.newlyShared { interleaving.tree.release(object) }
      interleaving.newlyShared = []
      countDown(&left)
    }
    report.isSearch = true
    report.isExhaustive = !isCut && worstLevel == nil
    report.pruned = PrunedCounts(
      covered: interleaving.tree.coveredChoices, unshared: interleaving.tree.deferredChoices,
      converged: interleaving.tree.convergedRuns)
    let finished = report.isExhaustive ? (bound == .max ? deepest : bound) : unfinishedLevel - 1
    report.preemptions = finished >= 0 ? finished : nil
  }

  /// The fewest preemptions for which something is left to do, or was when the search ended.
  private var unfinishedLevel: Int {
    min(interleaving.tree.nextLevel ?? .max, worstLevel ?? .max)
  }

  /// The number of preemptions at which a violation ended runs; nil if none did.
  private var worstLevel: Int? {
    candidates.filter { $0.violation.checker != Self.lockOrder }.map(\.preemptions).min()
  }

  private func sample(runs: Int, seed: UInt64) {
    var left = UInt64.max
    for number in 0..<max(runs, 0) {
      if left == 0 || report.schedules >= options.maximumSchedules { break }
      interleaving.strategy = .sampling
      interleaving.sampling.longest = report.longestSteps
      interleaving.sampling.prepare(seed: seed, run: UInt64(number))
      runSchedule()
      countDown(&left)
    }
  }

  private func countDown(_ left: inout UInt64) {
    if left != .max {
      left -= 1
    } else if worstLevel != nil {
      left = options.schedulesAfterViolation
    }
  }

  private func replayOnce(_ replay: Replay) {
    guard replay.scenario == scenario.name else {
      report.divergence = "the replay string is of '\(replay.scenario)'"
      return
    }
    interleaving.strategy = .script
    interleaving.script = Script(replay.segments, .strict)
    runSchedule()
    interleaving.script.finish(steps: interleaving.made.count)
    report.divergence = interleaving.script.divergence
  }

  /// Runs one schedule, and again where that is asked for; notes what it came to.
  private func runSchedule() {
    let execution = run()
    report.schedules += 1
    report.tasks = execution.names
    report.longestSteps = max(report.longestSteps, interleaving.made.count)
    if !execution.outcomes.isEmpty {
      report.outcomes[execution.outcomes.joined(separator: " "), default: 0] += 1
    }
    if let inversion = interleaving.locks.inversion { note(inversion) }
    if let violation = interleaving.violation {
      note(Candidate(violation: violation, steps: interleaving.made))
    }
    if options.checksDeterminism { runAgain(execution) }
    if report.schedules % 256 == 0 { options.progress?(report.schedules) }
  }

  /// Keeps the shortest for each checker.
  func note(_ candidate: Candidate) {
    let known = candidates.firstIndex { $0.violation.checker == candidate.violation.checker }
    guard let known else { return candidates.append(candidate) }
    if candidate.isShorter(than: candidates[known]) { candidates[known] = candidate }
  }

  static var lockOrder: String { "lock-order" }

  private func note(_ inversion: LockOrder.Inversion) {
    note(candidate(inversion))
  }

  func candidate(_ inversion: LockOrder.Inversion) -> Candidate {
    func text(_ edge: LockOrder.Edge) -> String {
      "\(interleaving.taskNames[edge.task]) takes one at \(edge.takenPlace.text)"
        + " while it holds one taken at \(edge.heldPlace.text)"
    }
    return Candidate(
      violation: Violation(
        checker: Self.lockOrder,
        message: text(inversion.edge) + ", and against that order " + text(inversion.against)),
      steps: Array(interleaving.made.prefix(inversion.step)))
  }
}
