import IOMMU
import Testing

@testable import MachineModel

/// Bugs that are planted on purpose: a simulation that does not find them is worth nothing.
struct PlantedBugTests {
  /// Runs seeds with `bug` until one fails; the operations it took in all, and how it failed.
  static func find(
    _ bug: PlantedBug, seeds: UInt64, operations: Int
  ) throws -> (operations: Int, failure: SimulationFailure)? {
    var spent = 0
    for seed in 1...seeds {
      var options = SimulationOptions(seed: seed, operations: operations)
      options.bug = bug
      let simulation = try Simulation(options)
      simulation.run()
      if let failure = simulation.failure { return (spent + failure.step, failure) }
      spent += operations
    }
    return nil
  }

  @Test(arguments: PlantedBug.allCases) func everyPlantedBugIsFound(_ bug: PlantedBug) throws {
    let found = try #require(
      try Self.find(bug, seeds: 60, operations: 2_000), "\(bug) was not found")
    // For whoever wants to know how long each takes: `swift test --filter PlantedBug`.
    print("\(bug): \(found.operations) operations, \(found.failure.checker.name)")
  }

  @Test func aFailingRunIsRepeatedAndMadeSmaller() throws {
    var options = SimulationOptions(seed: 1, operations: 2_000)
    options.bug = .forgetsRanges
    var failure: SimulationFailure?
    while failure == nil {
      failure = SimulationShrinker.failure(of: options)
      if failure == nil { options.seed += 1 }
    }
    let first = try #require(failure)
    options.operations = first.step + 1
    #expect(SimulationShrinker.failure(of: options) == first)
    var shrinker = SimulationShrinker(options, first, budget: 300)
    shrinker.shrink()
    #expect(shrinker.failure.checker == first.checker)
    #expect(SimulationShrinker.failure(of: shrinker.options) == shrinker.failure)
    let left = (0..<shrinker.options.operations).count { shrinker.options.does($0) }
    #expect(left <= 20, "\(left) steps are left of \(first.step)")
    #expect(shrinker.story(of: 40).contains { $0.contains("VIOLATION") })
    var again = SimulationShrinker(options, first, budget: 300)
    again.shrink()
    #expect(again.failure == shrinker.failure)
    #expect(again.options.only == shrinker.options.only)
  }
}
