import InterleavingExplorer
import Testing

@Suite struct SamplingTests {
  /// One order of two steps, on a long way, breaks it: depth 2.
  private static let ordering = Scenario(
    "ordering", "a use against the initialisation that must come first", checks: "the order"
  ) { run in
    let work = ExploredVariable("work", 0)
    let ready = ExploredVariable("ready", false)
    run.task("maker") {
      for _ in 0..<15 { work.update { $0 += 1 } }
      ready.store(true)
    }
    run.task("user") {
      for _ in 0..<3 { work.update { $0 += 1 } }
      if work.load() > 4, !ready.load() { run.report("order", "used before it was made") }
    }
  }

  /// Three orders, one after the other: depth 3.
  private static let window = Scenario(
    "window", "a reader between two writes, and the second between two of its reads",
    checks: "the window"
  ) { run in
    let first = ExploredVariable("first", 0)
    let second = ExploredVariable("second", 0)
    run.task("writer") {
      for _ in 0..<4 { first.update { $0 += 1 } }
      first.store(100)
      second.store(100)
    }
    run.task("reader") {
      if first.load() == 100, second.load() == 0, second.load() == 100 {
        run.report("window", "before and after the second write")
      }
    }
  }

  // The bound on a run's chance makes n k^(d-1) runs the most that are expected.
  @Test("PCT finds a bug of its depth within the expected number of runs")
  func depth() {
    let two = explore(Self.ordering, ExplorationOptions(.pct(depth: 2, runs: 2 * 21, seed: 1)))
    #expect(two.violations.map(\.checker) == ["order"])
    #expect(two.longestSteps == 21)
    let three = explore(
      Self.window, ExplorationOptions(.pct(depth: 3, runs: 2 * 9 * 9, seed: 1)))
    #expect(three.violations.map(\.checker) == ["window"])
    #expect(three.longestSteps == 9)
  }

  @Test("PCT of depth 1 only runs the tasks one after the other")
  func depthOne() {
    let report = explore(Self.window, ExplorationOptions(.pct(depth: 1, runs: 100, seed: 3)))
    #expect(report.violations.isEmpty)
    #expect(report.schedules == 100)
    #expect(!report.isExhaustive)
    #expect(report.preemptions == nil)
  }

  @Test("the same seed finds the same again, and another seed need not")
  func seeds() {
    for seed in UInt64(0)..<5 {
      for scheduler in [
        Scheduler.random(runs: 50, seed: seed), .pct(depth: 2, runs: 50, seed: seed),
      ] {
        let first = explore(Self.ordering, ExplorationOptions(scheduler))
        let second = explore(Self.ordering, ExplorationOptions(scheduler))
        #expect(first.violations == second.violations)
        #expect(first.runs == second.runs)
      }
    }
  }

  @Test("what is found at random is made as simple as what is searched for")
  func simplified() {
    let random = explore(Self.ordering, ExplorationOptions(.random(runs: 500, seed: 1)))
    let searched = explore(Self.ordering, ExplorationOptions(.exhaustive(preemptions: 2)))
    #expect(random.violations.first?.preemptions == searched.violations.first?.preemptions)
    #expect(searched.violations.first?.preemptions == 1)
  }

  @Test("random runs come to every outcome of store buffering but the forbidden one")
  func outcomes() throws {
    let litmus = try #require(
      Litmus.all.first { $0.scenario.name == "litmus.store-buffering" })
    for scheduler in [
      Scheduler.random(runs: 300, seed: 5), .pct(depth: 3, runs: 300, seed: 5),
    ] {
      let report = explore(litmus.scenario, ExplorationOptions(scheduler))
      #expect(Set(report.outcomes.keys) == litmus.outcomes)
    }
  }
}
