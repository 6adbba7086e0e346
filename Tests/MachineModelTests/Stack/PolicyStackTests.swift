import IOMMU
import enum TestSupport.TestScale
import Testing

@testable import MachineModel

/// The whole stack under load: every policy, on an aperture so small that it wraps around often.
struct PolicyStackTests {
  /// One run: a policy on a machine of a kind with so many processors.
  struct Case: CustomTestStringConvertible, Sendable {
    var choice: PolicyChoice
    var kind: TranslationKind
    var cpus: Int
    var buffers: Workload.Buffers

    var testDescription: String {
      "\(choice.policy) +\(choice.modifiers.rawValue), \(kind), \(cpus) CPU, \(buffers)"
    }

    func run(seed: UInt64 = 1) throws -> ExperimentResult {
      var machine = MachineDescription(name: "small")
      machine.cpus = cpus
      machine.memoryBytes = 256 << 20
      machine.apertureBytes = 4 << 20
      var turns = 400
      if choice.policy == .identity {
        // Without translation the aperture has to hold all memory, and no turn is made.
        machine.apertureBytes = machine.memoryBytes
        turns = 8
      } else if case .queue(64, _) = choice.policy {
        // What waits in the rings is not to be had, as in Linux: there must be room beside it.
        machine.apertureBytes = 16 << 20
        turns = 150
      }
      machine.tableMemoryBytes = 4 << 20
      machine.translation = kind
      machine.allowsIdentity = true
      machine.nvme.readNanoseconds = 20_000
      let workload = Workload(
        name: "small", summary: "mixed sizes", depth: 8,
        sizes: [
          Workload.Size(byteCount: 4_096, weight: 4), Workload.Size(byteCount: 8_192, weight: 2),
          Workload.Size(byteCount: 65_536), Workload.Size(byteCount: 2_048),
        ], writePercent: 33, buffers: buffers, pageOffsets: [0, 2_048])
      return try Experiment(
        machine: machine, workload: workload, seed: seed,
        apertureTurnsPercent: UInt64(TestScale.count(turns))
      ).run(choice)
    }
  }

  static let policies: [InvalidationPolicy] = [
    .identity, .strict, .legacy, .legacyStrict,
    .queue(entries: 8, timeout: Nanoseconds(10_000_000)),
    .queue(entries: 64, timeout: Nanoseconds(1_000_000)),
    .singleQueue(entries: 16, timeout: Nanoseconds(100_000_000)),
    .rollover(age: nil, stale: nil),
    .rollover(age: Nanoseconds(200_000), stale: nil),
    .rollover(age: nil, stale: StaleShare(perMille: 100)),
    .rollover(age: Nanoseconds(1_000_000), stale: StaleShare(perMille: 250)),
  ]

  /// Every policy plain and with all modifiers; each modifier alone; the rest takes turns.
  static let cases: [Case] = {
    var result: [Case] = []
    for (number, policy) in policies.enumerated() {
      for bits in [0, 1 + UInt8(number % 6), 7] {
        let turn = number + Int(bits)
        result.append(
          Case(
            choice: PolicyChoice(policy, PolicyModifiers(rawValue: bits)),
            kind: turn % 2 == 0 ? .shadowed : .direct, cpus: turn / 2 % 2 + 1,
            buffers: turn / 4 % 2 == 0 ? .comingBack : .fresh))
      }
      result.append(
        Case(
          choice: PolicyChoice(policy, PolicyModifiers(rawValue: 7)),
          kind: number % 2 == 0 ? .shadowed : .direct, cpus: 2, buffers: .comingBack))
    }
    return result
  }()

  @Test(arguments: cases) func promisesHoldAndDataIsRight(_ run: Case) throws {
    let result = try run.run()
    #expect(result.violations.isEmpty, "\(result.violations)")
    #expect(result.badRequests == 0)
    #expect(result.requests > 0)
    #expect(result.audit.isBalanced, "\(result.audit)")
    #expect(result.resolution.policy == run.choice.policy)
  }

  @Test(arguments: [
    Case(
      choice: PolicyChoice(.strict), kind: .shadowed, cpus: 2, buffers: .fresh),
    Case(
      choice: PolicyChoice(
        .queue(entries: 8, timeout: Nanoseconds(1_000_000)), PolicyModifiers(rawValue: 7)),
      kind: .shadowed, cpus: 2, buffers: .comingBack),
    Case(
      choice: PolicyChoice(
        .rollover(age: Nanoseconds(200_000), stale: nil), PolicyModifiers(rawValue: 7)),
      kind: .direct, cpus: 2, buffers: .fresh),
  ])
  func theSameRunGivesTheSameResult(_ run: Case) throws {
    let first = try run.run(seed: 7)
    let second = try run.run(seed: 7)
    #expect(first.rate == second.rate && first.requests == second.requests)
    #expect(first.invalidations == second.invalidations && first.audit == second.audit)
    #expect(first.window == second.window && first.latency == second.latency)
    let other = try run.run(seed: 8)
    #expect(other.rate != first.rate, "the seed matters")
  }
}
