import IOMMU
import MachineModel
import Workloads

/// One run from which costs are measured: rounds of a plan under a policy.
struct MeasuringRun: Sendable {
  var choice: PolicyChoice
  var plan: RoundPlan
  var rounds: Int
  var apertureBytes: UInt64

  /// The run as the image is asked for it.
  var job: BootJob {
    BootJob(
      choice: choice, plan: plan, warmUp: RoundPlan.warmUp, rounds: rounds,
      apertureBytes: apertureBytes)
  }

  /// The same run on a modelled machine.
  func result(on machine: MachineDescription) throws -> ExperimentResult {
    var machine = machine
    machine.apertureBytes = apertureBytes
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
    runs(of: plain, shapes, aperture: 1 << 30)
    + runs(of: reusing, [few, fewFresh], aperture: 1 << 30)
    + runs(of: wrapping, [few, several], aperture: 1 << 20)

  private static let plain = [
    PolicyChoice(.strict), PolicyChoice(.strict, .batch),
    PolicyChoice(.legacy), PolicyChoice(.legacyStrict),
    PolicyChoice(.queue(entries: 64, timeout: never)),
    PolicyChoice(.rollover(age: nil, stale: nil)),
    PolicyChoice(.rollover(age: nil, stale: nil), .batch),
    PolicyChoice(.rollover(age: nil, stale: nil), .piggyback),
    PolicyChoice(.rollover(age: never, stale: nil)),
    PolicyChoice(.rollover(age: nil, stale: StaleShare(perMille: 500))),
  ]
  private static let reusing = [
    PolicyChoice(.rollover(age: nil, stale: nil), .reuse),
    PolicyChoice(.strict, .reuse),
  ]
  /// With so small an aperture addresses run out, over and over.
  private static let wrapping = [
    PolicyChoice(.legacy), PolicyChoice(.rollover(age: nil, stale: nil)),
  ]
  /// Longer than any run: what is measured must not depend on time.
  private static let never = Nanoseconds.milliseconds(1_000_000)

  private struct Shape {
    var depth: Int
    var pages: [UInt32]
    var buffers: Int
    var rounds: Int
  }

  private static let few = Shape(depth: 6, pages: [1], buffers: 1, rounds: 60)
  private static let fewFresh = Shape(depth: 6, pages: [1], buffers: 200, rounds: 100)
  private static let several = Shape(depth: 9, pages: [2, 5], buffers: 3, rounds: 40)
  private static let shapes = [
    few, several,
    Shape(depth: 50, pages: [1], buffers: 2, rounds: 12),
    Shape(depth: 14, pages: [24], buffers: 2, rounds: 24),
    Shape(depth: 5, pages: [48, 3], buffers: 2, rounds: 60),
  ]

  private static func runs(
    of choices: [PolicyChoice], _ shapes: [Shape], aperture: UInt64
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
          rounds: shape.rounds, apertureBytes: aperture)
      }
    }
  }
}
