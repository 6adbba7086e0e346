import InterleavingExplorer
import Testing

/// Without reductions each schedule within the bound is run exactly once.
@Suite struct ScheduleCountTests {
  private func scenario(_ steps: [Int]) -> Scenario {
    Scenario("steps", "tasks that each touch one word", checks: "nothing") { run in
      let word = ExploredVariable("word", 0)
      for (task, count) in steps.enumerated() {
        run.task("\(task)") { for _ in 0..<count { word.update { $0 += 1 } } }
      }
    }
  }

  private func schedules(_ steps: [Int], preemptions: Int) -> UInt64 {
    var options = ExplorationOptions(.exhaustive(preemptions: preemptions))
    options.reduces = false
    let report = explore(scenario(steps), options)
    #expect(report.isExhaustive)
    #expect(report.longestSteps == steps.reduce(0, +))
    return report.schedules
  }

  private func choose(_ n: Int, _ k: Int) -> UInt64 {
    if k < 0 || k > n { return 0 }
    return (0..<k).reduce(1) { $0 * UInt64(n - $1) / UInt64($1 + 1) }
  }

  @Test(
    "without a bound there are as many as the multinomial coefficient says",
    arguments: [[1], [3, 3], [5, 2], [2, 2, 2], [3, 2, 2], [1, 1, 1, 1, 1]])
  func unbounded(_ steps: [Int]) {
    #expect(
      schedules(steps, preemptions: .max) == UInt64(RandomProgram.interleavings(steps)))
  }

  /// Two tasks whose n and m steps are cut into a and b pieces that alternate have a + b - 2
  /// preemptions: each switch is one but the last, at the end of a task.
  @Test("two tasks have as many as the pieces can be cut", arguments: [(4, 4), (6, 3), (5, 1)])
  func bounded(_ n: Int, _ m: Int) {
    for bound in 0...4 {
      var expected: UInt64 = 0
      for a in 1...n {
        for b in 1...m where abs(a - b) <= 1 && a + b - 2 <= bound {
          // With as many pieces of each, either can be first.
          expected += (a == b ? 2 : 1) * choose(n - 1, a - 1) * choose(m - 1, b - 1)
        }
      }
      #expect(schedules([n, m], preemptions: bound) == expected, "\(n), \(m), bound \(bound)")
    }
  }

  @Test("without preemptions there are as many as orders of the tasks")
  func noPreemptions() {
    #expect(schedules([3, 3, 3], preemptions: 0) == 6)
    #expect(schedules([2, 2, 2, 2], preemptions: 0) == 24)
  }

  @Test("steps on objects of a task's own are never interleaved")
  func unshared() {
    let scenario = Scenario("own", "each task has a word of its own", checks: "nothing") { run in
      for name in ["a", "b", "c"] {
        let word = ExploredVariable(name, 0)
        run.task(name) { for _ in 0..<10 { word.store(1) } }
      }
    }
    let report = explore(scenario, ExplorationOptions(.exhaustive(preemptions: .max)))
    #expect(report.isExhaustive)
    #expect(report.schedules <= 6)
    #expect(report.sharedObjects == 0)
    #expect(report.objects == 3)
    #expect(report.pruned.unshared > 0)
  }

  @Test("a limit on schedules makes the search inexhaustive, and is kept")
  func limit() {
    var options = ExplorationOptions(.exhaustive(preemptions: .max))
    options.reduces = false
    options.maximumSchedules = 7
    let report = explore(scenario([4, 4]), options)
    #expect(report.schedules == 7)
    #expect(!report.isExhaustive)
    #expect(report.preemptions == 0)
  }
}
