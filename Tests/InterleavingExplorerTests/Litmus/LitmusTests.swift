import InterleavingExplorer
import Testing

/// The explorer's own litmus programs, each with all that can come of it.
@Suite struct LitmusTests {
  static let numbers = Array(Litmus.all.indices)

  @Test("each program comes to exactly its outcomes and violations", arguments: numbers)
  func eachProgramComesToExactlyItsOutcomes(_ number: Int) {
    let litmus = Litmus.all[number]
    for reduces in [true, false] {
      var options = ExplorationOptions(.exhaustive(preemptions: .max))
      options.reduces = reduces
      options.checksDeterminism = true
      let report = explore(litmus.scenario, options)
      #expect(litmus.mismatch(report) == nil, "\(litmus.scenario.name), reduces: \(reduces)")
    }
  }

  @Test("each expected violation is replayed by its string", arguments: numbers)
  func eachViolationIsReplayed(_ number: Int) throws {
    let litmus = Litmus.all[number]
    let report = explore(litmus.scenario, ExplorationOptions(.exhaustive(preemptions: .max)))
    for finding in report.violations {
      let replay = try Replay(parsing: finding.replay.description)
      #expect(replay == finding.replay)
      let again = explore(litmus.scenario, ExplorationOptions(.replay(replay)))
      #expect(again.divergence == nil)
      #expect(again.violations.contains(finding), "\(finding) became \(again.violations)")
      #expect(finding.schedule.count <= 12 || finding.checker == "livelock")
    }
  }

  @Test func namesAreOfTheirOwn() {
    #expect(Set(Litmus.all.map(\.scenario.name)).count == Litmus.all.count)
    #expect(Litmus.all.allSatisfy { $0.scenario.name.hasPrefix("litmus.") })
  }

  @Test func aMismatchIsTold() {
    let litmus = Litmus.all[0]
    let none = explore(litmus.scenario, ExplorationOptions(.exhaustive(preemptions: 0)))
    #expect(litmus.mismatch(none) == "never seen: 1 1")
    let few = explore(litmus.scenario, ExplorationOptions(.random(runs: 3, seed: 1)))
    #expect(litmus.mismatch(few) == "the search did not end")
  }
}
