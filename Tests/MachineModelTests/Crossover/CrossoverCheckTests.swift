import IOMMU
import Testing

@testable import MachineModel

/// The simulation on either side of the predicted border, on a small machine.
struct CrossoverCheckTests {
  /// 16 MiB of aperture, of which a full refresh costs as much as 16 of a page or so.
  private static func machine(_ rule: AbsentTableRule) -> MachineDescription {
    var machine = MachineDescription(name: "small")
    machine.memoryBytes = 64 << 20
    machine.tableMemoryBytes = 4 << 20
    machine.apertureBytes = 16 << 20
    machine.refresh.trapNanoseconds = 10_000
    machine.refresh.pageScannedPicoseconds = rule == .scanned ? 40_000 : 300_000
    machine.refresh.tableScannedPicoseconds = 500_000
    machine.refresh.absentTables = rule
    return machine
  }

  private static func check(_ machine: MachineDescription) -> CrossoverCheck {
    CrossoverCheck(
      machine: machine, workload: .randomRead, tables: Workload.randomRead.tablesInUse(cpus: 1),
      seed: 1)
  }

  private static func results(_ check: CrossoverCheck) throws -> [ExperimentResult] {
    try check.policies.map { policy in
      let result = try check.run(policy)
      #expect(result.violations.isEmpty && result.badRequests == 0 && result.audit.isBalanced)
      return result
    }
  }

  @Test(arguments: [AbsentTableRule.scanned, .skipped])
  func theSimulationCrossesWhereThePricesSay(_ rule: AbsentTableRule) throws {
    let check = Self.check(Self.machine(rule))
    let points = check.points(try Self.results(check))
    #expect(points.count == check.entries.count)
    #expect(points.contains { $0.counts && $0.predicted == .selective })
    #expect(points.contains { $0.counts && $0.predicted == .full })
    for point in points {
      #expect(point.holds, "\(point)")
      #expect((point.predictedRelative - point.simulatedRelative).magnitude < 0.1, "\(point)")
    }
  }

  @Test func aMachineWhosePricesAreOthersIsFoundOut() throws {
    let priced = Self.check(Self.machine(.scanned))
    var other = Self.machine(.scanned)
    // A full refresh for next to nothing: full wins everywhere.
    other.refresh.pageScannedPicoseconds = 100
    let results = try priced.policies.prefix(3).map { try Self.check(other).run($0) }
    #expect(priced.points(results).contains { !$0.holds })
  }

  @Test func sizesLieOnBothSidesOfTheBorderAndFitTheAperture() {
    let check = Self.check(Self.machine(.scanned))
    #expect(check.entries == [2, 4, 8, 16, 32, 64, 128])
    var free = Self.machine(.scanned)
    free.translation = .direct
    free.refresh.flushNanoseconds = 0
    #expect(Self.check(free).entries.isEmpty)
    free.refresh.flushNanoseconds = 10
    #expect(Self.check(free).entries == [2, 4, 8, 16])
  }
}
