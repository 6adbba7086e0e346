import InterleavingExplorer
import InterleavingScenarios
import Testing

#if InterleavingExploration
/// What is shared on map and unmap, found by running the product on processors in name.
struct ScalingTests {
  private func run(
    _ policy: String, _ processors: Int, elsewhere: Bool = false
  ) throws -> LineReport {
    var run = ScalingRun(processors: processors)
    run.pairs = 1_024 * processors
    run.unmapsElsewhere = elsewhere
    return run.run(try #require(ScalingPolicy.named(policy)))
  }

  @Test("alone, no line moves, and the rate is that of the instructions")
  func alone() throws {
    for policy in ScalingPolicy.all {
      let report = try run(policy.name, 1)
      #expect(report.transfers == 0, "\(policy.name): \(report.lines)")
      let instructions = 1e12 / 250 / report.rate
      #expect(abs(instructions / Double(policy.instructions) - 1) < 0.15, "\(policy.name)")
    }
  }

  @Test("on a chip of eight processors rollover does most, and moves less than a line a pair")
  func rollover() throws {
    let one = try run("rollover", 1)
    let many = try run("rollover", 8)
    #expect(many.rate > 2 * one.rate)
    #expect(many.transfers < many.operations, "\(many.lines)")
    for policy in ["strict", "legacy", "queue:256", "single-queue:32768"] {
      let other = try run(policy, 8)
      #expect(many.rate > 4 * other.rate, "\(policy)")
    }
  }

  @Test("one bitmap behind one lock does not: more processors do not get more done")
  func legacy() throws {
    let two = try run("legacy", 2)
    let many = try run("legacy", 16)
    #expect(many.rate < 1.5 * two.rate)
    #expect(many.lines.first?.name == "bitmap")
  }

  @Test("one queue for all is a lock for all")
  func singleQueue() throws {
    let two = try run("single-queue:32768", 2)
    let many = try run("single-queue:32768", 16)
    #expect(many.rate < 2 * two.rate)
    #expect(many.lines.contains { $0.name == "flush ring" })
  }

  @Test("unmapping elsewhere moves a line for eight entries, and hardly any besides")
  func elsewhere() throws {
    let report = try run("rollover", 8, elsewhere: true)
    let entries = try #require(report.lines.first { $0.name == "table entries" })
    #expect(entries.transfers * 4 < report.operations)
    #expect(report.transfers * 2 < report.operations)
  }

  @Test("the same run gives the same report", arguments: ["rollover", "strict", "queue:256"])
  func repeats(policy: String) throws {
    let first = try run(policy, 6)
    let second = try run(policy, 6)
    #expect(first == second)
  }
}
#endif
