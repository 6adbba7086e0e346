import IOMMU
import MachineModel

/// What a sweep tries, and by what it judges.
struct SweepRequest: Sendable {
  /// The machine, the work, the settings to start with, and the seed.
  var experiment: ExperimentRequest

  /// Whether to try more settings between those that turn out to matter.
  var isRefined: Bool

  /// What is weighed against speed.
  var measure: WindowMeasure

  /// The share of the best rate that a recommendation has to reach.
  var atLeast: Double

  /// The most runs that go side by side.
  var width = Int.max
}

/// A sweep's result.
struct Sweep: Sendable {
  /// The machine.
  var machine: MachineDescription
  /// The workload's name, or the trace's path.
  var workload: String
  /// What is weighed against speed.
  var measure: WindowMeasure
  /// The rate of `legacy`, if it could be run.
  var referenceRate: Double?
  /// What the settings came to.
  var report: TuningReport
  /// How many of the settings were tried after the first round.
  var refined: Int
  /// All runs that were made, that of the reference among them.
  var runs: Int
  /// The settings that could not do the work, and why.
  var refused: [Refusal]
  /// Lines for people about the work.
  var notes: [String]

  /// A setting that could not do the work.
  struct Refusal: Equatable, Sendable {
    var policy: PolicyChoice
    var reason: String
  }
}

extension Sweep {
  /// One setting in the row shape of `compare`.
  func row(_ index: Int) -> ComparisonRow {
    let setting = report.settings[index]
    return ComparisonRow(
      setting.result, named: PolicySpelling.spelling(of: setting.policy),
      relativeTo: referenceRate, published: nil)
  }
}
