import CScheduling
import InterleavingExplorer
import Testing

/// Explorations that run at the same time know nothing of each other.
@Suite struct ConcurrentExplorationTests {
  @Test("the same is found, in the same number of runs, whatever else is explored")
  func independent() async {
    let options = ExplorationOptions(.exhaustive(preemptions: 2))
    func text(_ litmus: Litmus) -> String {
      let report = explore(litmus.scenario, options)
      let outcomes = report.outcomes.sorted { $0.key < $1.key }
      return "\(report.violations) \(report.schedules) \(report.runs) \(outcomes)"
    }
    let alone = Litmus.all.map(text)
    await withTaskGroup(of: (Int, String).self) { group in
      for _ in 0..<3 {
        for (number, litmus) in Litmus.all.enumerated() {
          group.addTask { (number, text(litmus)) }
        }
      }
      for await (number, text) in group { #expect(text == alone[number]) }
    }
  }

  private func mask() -> [Int32] {
    (0..<Int32(cscheduling_processor_limit())).filter { cscheduling_may_run_on($0) != 0 }
  }

  @Test("the calling thread is pinned to one processor only while it explores")
  func pinning() {
    let before = mask()
    let scenario = Scenario("pinned", "nothing", checks: "the processors") { run in
      let outside = mask()
      run.task("a") { if mask() != outside { run.report("pinned", "elsewhere") } }
      if cscheduling_processor_limit() > 0, outside.count != 1 {
        run.report("pinned", "to \(outside.count) processors")
      }
    }
    #expect(explore(scenario).violations.isEmpty)
    #expect(mask() == before)
    #expect(Execution.current == nil)
  }
}
