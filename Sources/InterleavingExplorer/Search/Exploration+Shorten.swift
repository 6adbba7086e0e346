extension Exploration {
  /// Turns what was found into findings, each with the simplest schedule that still shows it.
  func finishReport() {
    for candidate in candidates {
      report.violations.append(finding(shorten(candidate)))
    }
  }

  /// Merges segments of the same task, or leaves some out, as long as the same checker fires.
  private func shorten(_ candidate: Candidate) -> Candidate {
    if case .replay = options.scheduler { return candidate }
    if candidate.violation.checker == Self.nondeterminism { return candidate }
    var best = candidate
    var left = options.shorteningRuns
    var improves = true
    while improves {
      improves = false
      for segments in Self.simpler(best.segments) {
        if left == 0 { return best }
        left -= 1
        guard let other = attempt(segments, best.violation.checker) else { continue }
        if other.isSimpler(than: best) {
          best = other
          improves = true
          break
        }
      }
    }
    return best
  }

  /// Runs the segments, and then by the default rule; what the checker finds then.
  private func attempt(_ segments: [ReplaySegment], _ checker: String) -> Candidate? {
    interleaving.strategy = .script
    interleaving.script = Script(segments, .lenient)
    interleaving.locks = LockOrder()
    _ = run()
    if checker == Self.lockOrder {
      return interleaving.locks.inversion.map { candidate($0) }
    }
    guard let violation = interleaving.violation, violation.checker == checker else { return nil }
    return Candidate(violation: violation, steps: interleaving.made)
  }

  /// Schedules with one segment fewer: joined to its task's one before or after, or left out.
  private static func simpler(_ segments: [ReplaySegment]) -> [[ReplaySegment]] {
    var result: [[ReplaySegment]] = [[]]
    for index in segments.indices {
      let segment = segments[index]
      var rest = segments
      rest.remove(at: index)
      if let before = segments[..<index].lastIndex(where: { $0.task == segment.task }) {
        var joined = rest
        joined[before].steps += segment.steps
        result.append(joined)
      }
      let later = segments[(index + 1)...]
      if let after = later.firstIndex(where: { $0.task == segment.task }) {
        var joined = rest
        joined[after - 1].steps += segment.steps
        result.append(joined)
      }
      result.append(rest)
    }
    return result.map(Replay.joined)
  }

  private func finding(_ candidate: Candidate) -> Finding {
    let steps = candidate.steps
    let schedule = steps.indices.map { index in
      ScheduleStep(
        task: report.tasks[Int(steps[index].task)],
        what: interleaving.stepText(steps[index].step),
        isPreemption: Candidate.isPreemption(at: index, in: steps))
    }
    return Finding(
      checker: candidate.violation.checker, message: candidate.violation.message,
      schedule: schedule, preemptions: candidate.preemptions,
      replay: Replay(scenario: scenario.name, segments: candidate.segments))
  }
}
