import IOMMU
import MachineModel
import Workloads

/// One run from which costs are measured: rounds of a plan under a policy.
struct MeasuringRun: Sendable {
  var choice: PolicyChoice
  var plan: RoundPlan
  var rounds: Int

  /// The size of every run's aperture: addresses never run out.
  private static let apertureBytes: UInt64 = 1 << 30

  /// The run as the image is asked for it.
  var job: BootJob {
    BootJob(
      choice: choice, plan: plan, warmUp: RoundPlan.warmUp, rounds: rounds,
      apertureBytes: Self.apertureBytes)
  }

  /// The same run on a modelled machine.
  func result(on machine: MachineDescription) throws -> ExperimentResult {
    var machine = machine
    machine.apertureBytes = Self.apertureBytes
    var experiment = Experiment(machine: machine, workload: .randomRead)
    experiment.requests = UInt64(rounds * plan.depth)
    return try experiment.run(choice, plan: plan)
  }
}

extension MeasuringRun {
  /// The runs that together tell the cost of each kind of work.
  ///
  /// None of their plans is a workload of `compare`: other depths, sizes, seeds and numbers of
  /// buffers, so that what is predicted for those was not measured on them.
  static let all: [MeasuringRun] =
    runs(of: plain, [few, several, many, long, longer])
    + runs(of: queues, [few, several, many, long])
    + runs(of: unflushed, [few, many])
    + runs(of: [PolicyChoice(.strict, .batch)], [few])
    + runs(of: reusing, [few, fewFresh])
    + runs(of: looking, [pair, crowd, throng])
    + runs(of: [PolicyChoice(.rollover(age: nil, stale: nil), .batch)], [pair])

  private static let plain = [
    PolicyChoice(.strict), PolicyChoice(.legacy), PolicyChoice(.legacyStrict),
    PolicyChoice(.rollover(age: nil, stale: nil)),
    PolicyChoice(.rollover(age: nil, stale: nil), .batch),
    PolicyChoice(.rollover(age: nil, stale: nil), .piggyback),
    PolicyChoice(.rollover(age: never, stale: nil)),
    PolicyChoice(.rollover(age: nil, stale: StaleShare(perMille: 500))),
  ]
  private static let queues = [
    PolicyChoice(.queue(entries: 16, timeout: never)),
    PolicyChoice(.queue(entries: 64, timeout: never)),
    PolicyChoice(.singleQueue(entries: 16, timeout: never)),
    PolicyChoice(.singleQueue(entries: 64, timeout: never)),
  ]
  /// So large that no run fills them: every address comes from the tree.
  private static let unflushed = [
    PolicyChoice(.queue(entries: 2_048, timeout: never)),
    PolicyChoice(.singleQueue(entries: 2_048, timeout: never)),
  ]
  private static let reusing = [
    PolicyChoice(.rollover(age: nil, stale: nil), .reuse),
    PolicyChoice(.strict, .reuse),
  ]
  /// What lies beside a range follows from how much is in flight; with the most, nothing is near
  /// enough.
  private static let looking = [PolicyChoice(.rollover(age: nil, stale: nil), .piggyback)]
  /// Longer than any run: what is measured must not depend on time.
  private static let never = Nanoseconds.milliseconds(1_000_000)

  private struct Shape {
    var depth: Int
    var pages: [UInt32]
    var buffers: Int
    var rounds: Int
  }

  private static let few = Shape(depth: 6, pages: [1], buffers: 1, rounds: 150)
  private static let fewFresh = Shape(depth: 6, pages: [1], buffers: 200, rounds: 150)
  private static let pair = Shape(depth: 2, pages: [1], buffers: 3, rounds: 400)
  private static let crowd = Shape(depth: 77, pages: [1], buffers: 2, rounds: 20)
  private static let throng = Shape(depth: 110, pages: [1], buffers: 2, rounds: 12)
  private static let several = Shape(depth: 9, pages: [2, 5], buffers: 3, rounds: 80)
  private static let many = Shape(depth: 50, pages: [1], buffers: 2, rounds: 20)
  private static let long = Shape(depth: 14, pages: [24], buffers: 2, rounds: 40)
  private static let longer = Shape(depth: 5, pages: [48, 3], buffers: 2, rounds: 60)

  private static func runs(
    of choices: [PolicyChoice], _ shapes: [Shape]
  ) -> [MeasuringRun] {
    choices.flatMap { choice in
      shapes.map { shape in
        MeasuringRun(
          choice: choice,
          plan: RoundPlan(
            depth: shape.depth,
            sizes: shape.pages.map { RoundPlan.Size(blocks: $0 * 8, weight: 1) },
            writePercent: 40, buffersPerPlace: shape.buffers, seed: 77,
            blockCount: RoundPlan.diskBlocks),
          rounds: shape.rounds)
      }
    }
  }
}
