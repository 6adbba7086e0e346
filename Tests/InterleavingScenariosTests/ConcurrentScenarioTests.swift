import InterleavingExplorer
import InterleavingScenarios
import TestSupport
import Testing

/// The product's own code holds its promises on real threads, which the explorer's model is not.
///
/// One after the other: each has the processors for itself.
@Suite(.serialized) struct ConcurrentScenarioTests {
  @Test(arguments: ProductScenarios.all.map(\.name))
  func holdsOnRealThreads(_ name: String) throws {
    let scenario = try #require(ProductScenarios.named(name))
    let runs = TestScale.count(400)
    let report = runConcurrently(scenario, runs: runs, seed: 20_220_901)
    #expect(report.violations == [])
    #expect(report.runs == runs)
  }

  @Test func reportsTheRunAndGoesOnToItsEnd() {
    let scenario = Scenario("broken", "two tasks that report", checks: "what is reported") { run in
      for name in ["first", "second"] { run.task(name) { run.report("promise", name) } }
      run.atEnd { run.report("end", "is left out after a violation") }
    }
    let report = runConcurrently(scenario, runs: 10, seed: 1)
    #expect(report.runs == 1)
    #expect(report.violations.map(\.message).sorted() == ["first", "second"])
    #expect(report.violations.allSatisfy { $0.scenario == "broken" && $0.run == 1 })
  }

  @Test func reportsTheRunInWhichTheEndFails() {
    let runs = Counter()
    let scenario = Scenario("late", "an end that fails", checks: "the run's number") { run in
      run.task("nothing") {}
      run.atEnd { if runs.next() == 3 { run.report("third", "this is the third run") } }
    }
    let report = runConcurrently(scenario, runs: 10, seed: 1)
    #expect(report.violations.map(\.description) == ["late, run 3: third: this is the third run"])
  }
}
