import InterleavingExplorer
import Testing

@Suite struct ReplayTests {
  @Test(
    "a replay string is read as it is printed",
    arguments: [
      "fenced-2025/1x3.2x5.1", "a/1", "litmus.iriw/4x2.1.3", "empty/", "a/b/2x10",
    ])
  func roundTrip(_ text: String) throws {
    #expect(try Replay(parsing: text).description == text)
  }

  @Test("neighbours of the same task are joined")
  func joined() throws {
    #expect(try Replay(parsing: "a/1.1x2.2.2").description == "a/1x3.2x2")
  }

  @Test(
    "what is wrong with a replay string is told with its column",
    arguments: [
      ("", ReplayError.noScenario), ("/1", .noScenario), ("abc", .noScenario),
      ("a/1..2", .badSegment("", column: 5)), ("a/x3", .badSegment("x3", column: 3)),
      ("a/1x2x3", .badSegment("1x2x3", column: 3)), ("a/1.-2", .badSegment("-2", column: 5)),
      ("a/0", .badTask("0", column: 3)), ("a/1.9x2", .badTask("9", column: 5)),
      ("a/99999999999999999999", .badTask("99999999999999999999", column: 3)),
      ("a/1.2x0", .badSteps("0", column: 7)),
      ("a/1x99999999999999999999", .badSteps("99999999999999999999", column: 5)),
    ])
  func errors(_ text: String, _ error: ReplayError) {
    #expect(throws: error) { try Replay(parsing: text) }
    #expect(!error.description.isEmpty)
  }

  private static let counting = Scenario("count", "two increments", checks: "the sum") { run in
    let counter = ExploredVariable("counter", 0)
    for name in ["first", "second"] {
      run.task(name) { counter.store(counter.load() + 1) }
    }
    run.atEnd {
      run.outcome("\(counter.value)")
      if counter.value != 2 { run.report("sum", "it is \(counter.value)") }
    }
  }

  private func replayed(_ text: String) throws -> Report {
    explore(Self.counting, ExplorationOptions(.replay(try Replay(parsing: text))))
  }

  @Test("a schedule is followed step by step")
  func followed() throws {
    let report = try replayed("count/1.2x2.1")
    #expect(report.divergence == nil)
    #expect(report.schedules == 1)
    #expect(report.violations.map(\.checker) == ["sum"])
    #expect(report.violations[0].schedule.map(\.task) == ["first", "second", "second", "first"])
    #expect(report.violations[0].schedule.map(\.isPreemption) == [false, true, false, false])
    #expect(report.violations[0].schedule[0].what.hasPrefix("load counter  ReplayTests.swift:"))
    #expect(report.violations[0].replay.description == "count/1.2x2.1")
  }

  @Test("after its end each task goes on as long as it can")
  func continued() throws {
    #expect(try replayed("count/2").outcomes == ["2": 1])
    #expect(try replayed("count/2.1").outcomes == ["1": 1])
    #expect(try replayed("count/").outcomes == ["2": 1])
  }

  @Test("a schedule that does not fit is refused")
  func refused() throws {
    #expect(try replayed("other/1").divergence == "the replay string is of 'other'")
    #expect(try replayed("count/1x3").divergence == "step 3: task 1 cannot go on here")
    #expect(try replayed("count/3").divergence == "step 1: task 3 cannot go on here")
    #expect(
      try replayed("count/1x2.2x3").divergence
        == "the run ends after 4 steps, of 5 in the replay string")
  }
}
