import InterleavingExplorer

/// Does the work of `explore`: scenario after scenario, as many at once as there are processors.
enum ExploreRunner {
  /// What came of one scenario.
  struct Result: Sendable {
    let kind: ScenarioCatalog.Kind
    let scenario: Scenario
    let report: Report
  }

  /// Explores; the results are in the order of the request.
  static func run(_ request: ExploreRequest, _ progress: Progress) async -> [Result] {
    let scenarios = request.scenarios
    let options = request.options
    var results = [Result?](repeating: nil, count: scenarios.count)
    await withTaskGroup(of: (Int, Report).self) { tasks in
      for index in longestFirst(scenarios.map(\.scenario)) {
        let scenario = scenarios[index].scenario
        tasks.addTask { (index, explore(scenario, options)) }
      }
      progress.show("0 of \(scenarios.count) scenarios")
      var done = 0
      for await (index, report) in tasks {
        done += 1
        progress.show("\(done) of \(scenarios.count) scenarios")
        results[index] = Result(
          kind: scenarios[index].kind, scenario: scenarios[index].scenario, report: report)
      }
    }
    return results.compactMap { $0 }
  }

  /// The order to begin in, so that no long scenario is left for the end, when the other processors
  /// have nothing to do any more: by the steps of its shortest runs.
  private static func longestFirst(_ scenarios: [Scenario]) -> [Int] {
    if scenarios.count < 2 { return Array(scenarios.indices) }
    let steps = scenarios.map {
      explore($0, ExplorationOptions(.exhaustive(preemptions: 0))).longestSteps
    }
    return scenarios.indices.sorted { (steps[$0], $1) > (steps[$1], $0) }
  }
}
