import InterleavingExplorer
import TestSupport
import Testing

/// A search with reductions sees exactly what one without them sees, and both what an independent
/// enumerator sees.
@Suite struct ReductionTests {
  @Test("outcomes are the same for each bound", arguments: 0..<8)
  func outcomesAreTheSame(_ block: Int) {
    var random = SplitMix64(seed: UInt64(block) &+ 1)
    for number in 0..<TestScale.count(6) {
      let tasks = number % 2 + 2
      let program = RandomProgram(
        &random, tasks: tasks, steps: tasks == 2 ? 5 : 3, everything: block % 2 * 4)
      for bound in [0, 1, 2, 3, Int.max] { compare(program, bound) }
    }
  }

  /// How often a task looks again is the engine's business, so that preemptions are not compared
  /// with the enumerator's; what can come of it is.
  @Test("outcomes are the same where tasks wait", arguments: 0..<8)
  func outcomesAreTheSameWithWaits(_ block: Int) {
    var random = SplitMix64(seed: UInt64(block) &+ 1000)
    for number in 0..<TestScale.count(6) {
      let tasks = number % 2 + 2
      let program = RandomProgram(waiting: &random, tasks: tasks, steps: tasks == 2 ? 4 : 2)
      let oracle = NaiveEnumerator(program, preemptions: .max)
      for bound in [0, 1, 2, Int.max] {
        let plain = explored(program, bound, reduces: false, isCutShort: oracle.deadlocks)
        let reduced = explored(program, bound, reduces: true, isCutShort: oracle.deadlocks)
        #expect(plain.checkers == reduced.checkers, "\(program), bound \(bound)")
        if bound == .max { #expect(plain.checkers == (oracle.deadlocks ? ["deadlock"] : [])) }
        if oracle.deadlocks { continue }
        #expect(plain.outcomes == reduced.outcomes, "\(program), bound \(bound)")
        if bound == .max { #expect(plain.outcomes == oracle.outcomes, "\(program)") }
      }
    }
  }

  private func compare(_ program: RandomProgram, _ bound: Int) {
    let oracle = NaiveEnumerator(program, preemptions: bound)
    for reduces in [true, false] {
      let seen = explored(program, bound, reduces: reduces, isCutShort: oracle.deadlocks)
      let what = "\(program), bound \(bound), reduces \(reduces)"
      #expect(seen.checkers == (oracle.deadlocks ? ["deadlock"] : []), "\(what)")
      if oracle.deadlocks { continue }
      #expect(seen.outcomes == oracle.outcomes, "\(what)")
      if reduces {
        #expect(seen.report.schedules <= oracle.schedules, "\(what)")
      } else {
        #expect(seen.report.schedules == oracle.schedules, "\(what)")
      }
    }
  }

  private struct Seen {
    let report: Report
    var outcomes: Set<String> { Set(report.outcomes.keys) }
    var checkers: Set<String> {
      Set(report.violations.map(\.checker)).subtracting(["lock-order"])
    }
  }

  /// A deadlock ends the search, so that then only the deadlock can be compared.
  private func explored(
    _ program: RandomProgram, _ bound: Int, reduces: Bool, isCutShort: Bool
  ) -> Seen {
    var options = ExplorationOptions(.exhaustive(preemptions: bound))
    options.reduces = reduces
    options.shorteningRuns = 0
    options.schedulesAfterViolation = 0
    let report = explore(program.scenario, options)
    #expect(report.isExhaustive || isCutShort)
    return Seen(report: report)
  }
}
