import ArgumentParser
import MachineModel

/// `iommu compare`: one workload on one machine under several policies.
struct CompareCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Runs a workload on a modelled machine under several policies.",
    discussion: """
      Prints for each policy the I/O rate, also relative to the s390 scheme of Linux up to 6.6, \
      the invalidations it took, how long unmapped memory stayed within the device's reach, and \
      the latency. A machine that works in rounds, such as qemu, tells no times but what the image \
      of boot counts there: invalidations, and instructions of the stack.
      """)

  @OptionGroup var options: ExperimentOptions

  @Option(
    help: ArgumentHelp(
      "The work to do, \(NearestName.list(WorkloadChoice.names)), or a recorded trace.",
      valueName: "name|trace"))
  var workload = WorkloadChoice.names[0]

  @Option(help: ArgumentHelp("Where the run's random numbers start.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "On a machine that works in rounds, the requests to measure. (default: 4096)",
      valueName: "count"))
  var requests: UInt64?

  mutating func report(_ progress: Progress) async throws(ToolError) -> String {
    let machine = try MachineCatalog.machine(options.machine)
    let policies = try options.policies(on: machine)
    let workload = try WorkloadChoice(workload)
    var experiment = ExperimentRequest(
      machine: machine, workload: workload, policies: policies, seed: seed)
    if let requests { experiment.requests = try checked(requests, machine) }
    if case .trace = workload { _ = try MachineCatalog.timedMachine(options.machine) }
    return options.format.text(try await ExperimentRunner.run(experiment, progress))
  }

  private func checked(
    _ requests: UInt64, _ machine: MachineDescription
  ) throws(ToolError) -> UInt64 {
    if machine.pacing != .rounds {
      throw .usage("--requests is for machines that work in rounds, and \(machine.name) does not")
    }
    if requests < 1 || requests > 100_000_000 {
      throw .usage("--requests \(requests): expected 1 to 100000000")
    }
    return requests
  }
}
