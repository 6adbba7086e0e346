import InterleavingExplorer
import Synchronization
import Testing

@Suite struct DeterminismTests {
  /// Each run but the first few makes a step more than the last.
  private func changing(_ body: @escaping @Sendable (Int, Execution) -> Void) -> Scenario {
    let runs = Mutex(0)
    return Scenario("changing", "a task that remembers other runs", checks: "nothing") { run in
      body(
        runs.withLock { count in
          count += 1
          return count
        }, run)
    }
  }

  private func checkers(_ scenario: Scenario) -> [String] {
    var options = ExplorationOptions(.exhaustive(preemptions: 1))
    options.checksDeterminism = true
    return explore(scenario, options).violations.map(\.checker)
  }

  @Test("a scenario that does something else in its second run is caught")
  func otherSteps() {
    #expect(
      checkers(
        changing { number, run in
          let word = ExploredVariable("word", 0)
          run.task("a") { if number % 2 == 0 { word.store(1) } else { _ = word.load() } }
          run.task("b") { word.store(2) }
        }) == ["nondeterminism"])
    #expect(
      checkers(
        changing { number, run in
          let word = ExploredVariable("word", 0)
          run.task("a") { for _ in 0..<number { word.store(1) } }
        }) == ["nondeterminism"])
    #expect(
      checkers(
        changing { number, run in
          for index in 0..<number { run.task("\(index)") {} }
        }) == ["nondeterminism"])
  }

  @Test("a scenario that comes to something else in its second run is caught")
  func otherOutcome() {
    #expect(
      checkers(
        changing { number, run in
          run.task("a") {}
          run.atEnd { run.outcome("\(number)") }
        }) == ["nondeterminism"])
    #expect(
      checkers(
        changing { number, run in
          run.task("a") {}
          run.atEnd { if number == 2 { run.report("late", "in the second run") } }
        }) == ["nondeterminism"])
  }

  @Test("a search notices by itself that a prefix leads elsewhere")
  func otherPrefix() {
    let scenario = changing { number, run in
      let one = ExploredVariable("one", 0)
      let two = ExploredVariable("two", 0)
      for name in ["a", "b"] {
        run.task(name) {
          for _ in 0..<3 { if number > 1 { one.store(1) } else { two.store(1) } }
        }
      }
    }
    let report = explore(scenario, ExplorationOptions(.exhaustive(preemptions: 1)))
    #expect(report.violations.map(\.checker) == ["nondeterminism"])
  }

  @Test("objects made in tasks have names that do not depend on the interleaving")
  func names() {
    let scenario = Scenario("names", "tasks that make objects", checks: "determinism") { run in
      let word = ExploredVariable("word", 0)
      for name in ["a", "b"] {
        run.task(name) {
          word.update { $0 += 1 }
          let own = ExploredVariable("of " + name, 0)
          own.store(1)
          word.update { $0 += 1 }
        }
      }
    }
    var options = ExplorationOptions(.exhaustive(preemptions: .max))
    options.checksDeterminism = true
    let report = explore(scenario, options)
    #expect(report.violations.isEmpty)
    #expect(report.objects == 3)
    #expect(report.sharedObjects == 1)
    #expect(report.runs == 2 * report.schedules)
  }
}
