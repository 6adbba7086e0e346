import Foundation
import IOMMU
import enum TestSupport.TestScale
import Testing

@testable import MachineModel

/// Whole runs of the simulation: deterministic, without a violation, and not idle.
struct SimulationTests {
  private static func run(_ options: SimulationOptions) throws -> Simulation {
    let simulation = try Simulation(options)
    simulation.run()
    return simulation
  }

  /// The number of each step that let time pass, and by how much.
  private static func drawn(by options: SimulationOptions) throws -> [String] {
    try run(options).narration.compactMap { line in
      guard let drawn = line.range(of: ": by ") else { return nil }
      return String(line.prefix { $0 != " " }) + String(line[drawn.lowerBound...])
    }
  }

  @Test func seedsRunWithoutAViolationAndDoSomething() throws {
    var report = SimulationReport()
    for seed in 1...UInt64(TestScale.count(20)) {
      let simulation = try Self.run(SimulationOptions(seed: seed, operations: 1_500))
      #expect(simulation.failure == nil, "\(String(describing: simulation.failure))")
      report.add(simulation.report)
    }
    #expect(report.operations == report.seeds * 1_500)
    for kind in [SimulatedKind.map, .unmap, .access, .attach, .probe, .advance] {
      #expect(report.done[kind.rawValue] > 0, "\(kind)")
    }
    #expect(report.accesses > 0 && report.instructions > report.seeds)
  }

  @Test(arguments: [UInt64(3), 7, 12, 40]) func theSameSeedGivesTheSameRun(_ seed: UInt64) throws {
    var options = SimulationOptions(seed: seed, operations: 1_200)
    options.isHashed = true
    let first = try Self.run(options)
    let second = try Self.run(options)
    #expect(first.traceHash == second.traceHash)
    #expect(first.report == second.report && first.failure == second.failure)
    options.seed += 1_000
    #expect(try Self.run(options).traceHash != first.traceHash)
  }

  @Test func aShorterRunIsTheBeginningOfALongerOne() throws {
    var options = SimulationOptions(seed: 5, operations: 400)
    options.narratesFrom = -1
    let short = try Self.run(options)
    options.operations = 800
    let long = try Self.run(options)
    let steps = short.narration.prefix { !$0.hasPrefix("400 ") }
    #expect(steps.count > 50)
    #expect(Array(long.narration.prefix(steps.count)) == Array(steps))
  }

  @Test func aStepThatIsLeftOutChangesNoOther() throws {
    // All that is left is time that passes; by how much, each step draws for itself.
    var options = SimulationOptions(seed: 9, operations: 300)
    options.narratesFrom = -1
    options.without = Set(SimulatedKind.allCases).subtracting([.advance])
    let all = try Self.drawn(by: options)
    options.only = [100...300]
    let part = try Self.drawn(by: options)
    #expect(all.count == 300 && part.count == 200)
    #expect(part == Array(all.suffix(200)))
  }

  @Test(arguments: [
    PolicyChoice(.identity), PolicyChoice(.strict), PolicyChoice(.legacy, .batch),
    PolicyChoice(.rollover(age: nil, stale: nil), PolicyModifiers(rawValue: 7)),
  ]) func onlyThePoliciesAskedForAreDrawn(_ choice: PolicyChoice) throws {
    var options = SimulationOptions(seed: 2, operations: 1_000)
    options.policies = [choice]
    let simulation = try Self.run(options)
    #expect(simulation.failure == nil, "\(String(describing: simulation.failure))")
    for (number, count) in simulation.report.policies.enumerated() {
      #expect((count > 0) == (number == Simulation.number(of: choice.policy)))
    }
    #expect(simulation.report.modifiers[Int(choice.modifiers.rawValue)] > 0)
  }
}
