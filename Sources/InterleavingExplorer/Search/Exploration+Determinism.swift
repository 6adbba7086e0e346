extension Exploration {
  static var nondeterminism: String { "nondeterminism" }

  /// Repeats the schedule that was just run; it must do the same.
  func runAgain(_ first: Execution) {
    let steps = interleaving.made
    let violation = interleaving.violation
    let strategy = interleaving.strategy
    let script = interleaving.script
    interleaving.strategy = .script
    interleaving.script = Script(
      Candidate(violation: Violation(checker: "", message: ""), steps: steps).segments, .strict)
    let second = run()
    if let message = difference(steps, violation, first, second) {
      note(
        Candidate(
          violation: Violation(checker: Self.nondeterminism, message: message), steps: steps))
    }
    interleaving.strategy = strategy
    interleaving.script = script
  }

  /// What the second run did otherwise; nil if nothing.
  private func difference(
    _ steps: [MadeStep], _ violation: Violation?, _ first: Execution, _ second: Execution
  ) -> String? {
    if first.names != second.names { return "the second run has other tasks" }
    let again = interleaving.made
    for (index, (one, other)) in zip(steps, again).enumerated() where !one.isSame(as: other) {
      if one.step.kind == other.step.kind, one.step.object == other.step.object,
        one.step.place.isSame(as: other.step.place)
      {
        return "at step \(index + 1) other tasks can go on than in the first run"
      }
      return "step \(index + 1) was '\(interleaving.stepText(one.step))'"
        + " and is '\(interleaving.stepText(other.step))' in the second run"
    }
    if let divergence = interleaving.script.divergence { return divergence + " in the second run" }
    if steps.count != again.count {
      return "the first run makes \(steps.count) steps, the second \(again.count)"
    }
    if violation != interleaving.violation { return "only one of two runs has the violation" }
    if first.outcomes != second.outcomes { return "two runs come to different outcomes" }
    return nil
  }
}
