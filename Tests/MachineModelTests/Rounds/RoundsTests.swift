import IOMMU
import MachineModel
import Testing
import Workloads

@Suite("A machine that works in rounds") struct RoundsTests {
  private static func result(
    _ choice: PolicyChoice, of workload: Workload = .randomRead, requests: UInt64 = 320,
    apertureBytes: UInt64 = 64 << 20, costs: WorkTable<UInt64> = WorkTable(repeating: 0)
  ) throws -> ExperimentResult {
    var machine = MachineDescription(name: "rounds")
    machine.pacing = .rounds
    machine.apertureBytes = apertureBytes
    machine.instructions = costs
    var experiment = Experiment(machine: machine, workload: workload)
    experiment.requests = requests
    let result = try experiment.run(choice)
    #expect(result.violations.isEmpty && result.badRequests == 0 && result.audit.isBalanced)
    return result
  }

  @Test(
    "What is invalidated follows from the policy alone",
    arguments: [
      (PolicyChoice(.strict), 320, 320), (PolicyChoice(.legacy), 320, 0),
      (PolicyChoice(.legacyStrict), 320, 320),
      (PolicyChoice(.rollover(age: nil, stale: nil), .batch), 10, 0),
      (PolicyChoice(.rollover(age: nil, stale: nil), .batch.union(.reuse)), 0, 0),
    ] as [(PolicyChoice, UInt64, UInt64)])
  func invalidations(_ choice: PolicyChoice, map: UInt64, unmap: UInt64) throws {
    let result = try Self.result(choice)
    #expect(result.requests == 320)
    #expect(result.invalidations == ComparisonRow.Invalidations(map: map, unmap: unmap, global: 0))
    #expect(result.rate == nil)
  }

  @Test("Running out of addresses shows, and rounds go on", arguments: [true, false])
  func wrapping(_ isLegacy: Bool) throws {
    let choice = PolicyChoice(isLegacy ? .legacy : .rollover(age: nil, stale: nil))
    let result = try Self.result(choice, requests: 640, apertureBytes: 1 << 20)
    #expect(result.invalidations.global == 2)
  }

  @Test("Work is counted by its kind")
  func work() throws {
    let strict = try #require(try Self.result(PolicyChoice(.strict)).work)
    #expect(strict[.round] == 10 && strict[.treeRequest] == 320)
    #expect(strict[.rangeInvalidation] == 640 && strict[.postponement] == 0)
    #expect(strict[.rolloverRequest] == 0 && strict[.treePage] == 0 && strict[.longRequest] == 0)
    let reuse = try #require(
      try Self.result(PolicyChoice(.rollover(age: nil, stale: nil), .batch.union(.reuse))).work)
    #expect(reuse[.reusedRequest] == 320 && reuse[.rolloverRequest] == 0)
    let batch = try #require(
      try Self.result(PolicyChoice(.rollover(age: nil, stale: nil), .batch)).work)
    #expect(batch[.postponement] == 320)
    let mixed = try #require(Workload.all.first { $0.name == "mixed" })
    let long = try #require(try Self.result(PolicyChoice(.legacy), of: mixed, requests: 32).work)
    let pages = (256..<288 as Range<UInt64>).map { number in
      UInt64(RoundPlan(mixed, seed: 1)?.request(number).blocks ?? 0) / 8
    }
    #expect(long[.bitmapPage] == pages.reduce(0, +) - 32)
    #expect(long[.longRequest] == UInt64(pages.filter { $0 > 1 }.count))
  }

  @Test("Packets that share a page take one page each")
  func packets() throws {
    let network = try #require(Workload.all.first { $0.name == "network" })
    let work = try #require(try Self.result(PolicyChoice(.legacy), of: network).work)
    #expect(work[.bitmapRequest] == 384 && work[.longRequest] == 0)
  }

  @Test("Instructions are work times costs, and unknown without costs")
  func instructions() throws {
    #expect(try Self.result(PolicyChoice(.legacy)).instructions == nil)
    var costs = WorkTable<UInt64>(repeating: 0)
    costs[.round] = 400_500
    costs[.bitmapRequest] = 1_000_000
    costs[.rangeInvalidation] = 150_000
    let result = try Self.result(PolicyChoice(.legacy), costs: costs)
    #expect(result.instructions == 10 * 400.5 + 320 * 1_150)
  }
}
