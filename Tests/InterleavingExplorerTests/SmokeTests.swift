import InterleavingExplorer
import Testing

@Suite struct SmokeTests {
  @Test func lostUpdate() {
    let scenario = Scenario("lost-update", "two increments", checks: "none is lost") { run in
      let counter = ExploredVariable("counter", 0)
      for name in ["first", "second"] {
        run.task(name) { counter.store(counter.load() + 1) }
      }
      run.atEnd {
        run.outcome("\(counter.value)")
        if counter.value != 2 { run.report("sum", "it is \(counter.value)") }
      }
    }
    for reduces in [false, true] {
      var options = ExplorationOptions(.exhaustive(preemptions: 2))
      options.reduces = reduces
      options.checksDeterminism = true
      let report = explore(scenario, options)
      print(report)
    }
  }
}
