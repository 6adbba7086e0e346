import InterleavingExplorer
import InterleavingScenarios
import Testing

/// Every mistake of the past is caught, shown in a schedule that can be read, and repeated.
@Suite struct HistoricalVariantTests {
  @Test(arguments: HistoricalVariants.all.map(\.name))
  func isCaught(_ name: String) throws {
    let variant = try #require(HistoricalVariants.named(name))
    let report = explore(variant, ExplorationOptions(.exhaustive(preemptions: 2)))
    let found = try #require(report.violations.first)
    #expect((1...20).contains(found.schedule.count))
    let repeated = explore(variant, ExplorationOptions(.replay(found.replay)))
    #expect(repeated.schedules == 1)
    #expect(repeated.violations.first?.checker == found.checker)
    #expect(repeated.violations.first?.message == found.message)
    #expect(repeated.violations.first?.schedule == found.schedule)
  }

  @Test(arguments: HistoricalVariants.all.map(\.name))
  func isCaughtTheSameWayAgain(_ name: String) throws {
    let variant = try #require(HistoricalVariants.named(name))
    var options = ExplorationOptions(.random(runs: 2_000, seed: 7))
    options.checksDeterminism = true
    let reports = (0..<2).map { _ in explore(variant, options) }
    #expect(!reports[0].violations.isEmpty)
    #expect(reports[0].violations == reports[1].violations)
    #expect(reports[0].schedules == reports[1].schedules)
  }
}
