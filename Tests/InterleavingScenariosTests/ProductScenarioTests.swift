import InterleavingExplorer
import InterleavingScenarios
import Testing

/// The product's own code holds its promises in every schedule that was tried.
@Suite struct ProductScenarioTests {
  #if InterleavingExploration
  @Test(arguments: ProductScenarios.all.map(\.name))
  func holdsInEverySchedule(_ name: String) throws {
    let scenario = try #require(ProductScenarios.named(name))
    let report = explore(scenario, ExplorationOptions(.exhaustive(preemptions: 2)))
    #expect(report.violations == [])
    #expect(report.isExhaustive)
    #expect(report.preemptions == 2)
    #expect(report.tasks.count >= 3)
    // Without yield points there would be the orders of the tasks, and no more.
    #expect(report.schedules > 6)
  }

  @Test(arguments: ProductScenarios.all.map(\.name))
  func doesTheSameInEachRunOfASchedule(_ name: String) throws {
    let scenario = try #require(ProductScenarios.named(name))
    var options = ExplorationOptions(.pct(depth: 3, runs: 100, seed: 11))
    options.checksDeterminism = true
    #expect(explore(scenario, options).violations == [])
  }
  #endif

  /// What a build without yield points can do.
  @Test(arguments: ProductScenarios.all.map(\.name))
  func holdsInEveryOrderOfWholeTasks(_ name: String) throws {
    let scenario = try #require(ProductScenarios.named(name))
    #expect(explore(scenario, ExplorationOptions(.exhaustive(preemptions: 0))).violations == [])
  }

  @Test func namesAreUsedOnce() {
    let names = (ProductScenarios.all + HistoricalVariants.all).map(\.name)
    #expect(Set(names).count == names.count)
  }
}
