public import ArgumentParser
import IOMMU
public import MachineModel

/// `iommu tune`: which policy, size and time-out for a workload or trace on a machine.
struct TuneCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "tune",
    abstract: "Sweeps policies, sizes and time-outs; weighs speed against exposure.",
    discussion: """
      Runs the work under some 130 settings, then under others between those that turn out to \
      matter. Prints the settings that no other beats both in speed and in the time that \
      unmapped memory stays within the device's reach, among rollover, among the flush queues \
      and among all; for each flush queue the rollover that is no slower and exposes least; and \
      a recommendation, also among what Linux has, with what to set there.

      Settings with +batch or +reuse need drivers that are written for them, and are compared \
      only with each other. A longest window is infinite (inf, null in JSON) where a policy \
      promises none; where a run was too short to see its end, it is what the policy promises.
      """)

  @Argument(
    help: ArgumentHelp(
      "The work, \(NearestName.list(WorkloadChoice.names)), or a recorded trace.",
      valueName: "trace|name"))
  var workload = WorkloadChoice.names[0]

  @Option(
    help: ArgumentHelp(
      "A shipped machine, \(NearestName.list(MachineCatalog.timedNames)), or a YAML file.",
      valueName: "name|file"))
  var machine = MachineCatalog.timedNames[0]

  @Option(
    help: ArgumentHelp(
      "The share of the best rate that a recommendation has to reach, as 0.95 or 95%.",
      valueName: "fraction"))
  var atLeast = "0.95"

  @Option(
    help: ArgumentHelp(
      "What is weighed against speed, \(NearestName.list(WindowMeasure.allCases.map(\.rawValue))).",
      valueName: "measure"))
  var window = WindowMeasure.longest

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The parts to sweep, of \(NearestName.list(SweepGrid.Part.allCases.map(\.rawValue))). "
        + "(default: all)",
      valueName: "part"))
  var grid: [SweepGrid.Part] = []

  @Flag(help: "Sweep a few settings of each part, and none between them.")
  var quick = false

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Try just these policies, spelled as for compare, instead of a grid.", valueName: "policy"))
  var policy: [String] = []

  @Option(help: ArgumentHelp("Where the run's random numbers start.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("How to print the result.", valueName: "format"))
  var format = OutputFormat.table

  mutating func report(_ progress: Progress) async throws(ToolError) -> String {
    let share = try share()
    let policies = try policies()
    let experiment = ExperimentRequest(
      machine: try MachineCatalog.timedMachine(machine), workload: try WorkloadChoice(workload),
      policies: policies, seed: seed)
    let sweep = try await SweepRunner.run(
      SweepRequest(
        experiment: experiment, isRefined: policy.isEmpty && !quick, measure: window,
        atLeast: share),
      progress)
    switch format {
    case .table: return TuningTable.text(sweep)
    case .json: return TuningJSON.text(sweep)
    }
  }

  private func policies() throws(ToolError) -> [PolicyChoice] {
    if policy.isEmpty {
      let parts = grid.isEmpty ? SweepGrid.Part.allCases : grid
      return SweepGrid(parts: parts, isQuick: quick).policies
    }
    if !grid.isEmpty || quick {
      throw .usage("--policy names the settings itself; it does not go with --grid or --quick")
    }
    var choices: [PolicyChoice] = []
    for text in policy {
      let choice = try PolicySpelling.choice(text)
      if choice.policy == .identity {
        throw .usage("policy '\(text)': identity protects nothing, so it has no window to weigh")
      }
      if !choices.contains(choice) { choices.append(choice) }
    }
    return choices
  }

  private func share() throws(ToolError) -> Double {
    do throws(SpellingError) {
      let perMille = try Quantity.share.parse(SpellingPiece(atLeast[...]))
      if perMille > 0 && perMille <= 1_000 { return Double(perMille) / 1_000 }
    } catch {
      throw .usage("--at-least '\(atLeast)', column \(error.column): \(error.message)")
    }
    throw .usage("--at-least '\(atLeast)': expected a fraction above 0 and at most 1")
  }
}

extension WindowMeasure: ExpressibleByArgument {}

extension SweepGrid.Part: ExpressibleByArgument {}
