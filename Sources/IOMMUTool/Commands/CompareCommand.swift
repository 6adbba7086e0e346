import ArgumentParser

/// `iommu compare`: one workload on one machine under several policies.
struct CompareCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Runs a workload on a modelled machine under several policies.",
    discussion: """
      Prints for each policy the I/O rate, also relative to the s390 scheme of Linux up to 6.6, \
      the invalidations it took, how long unmapped memory stayed within the device's reach, and \
      the latency.
      """)

  @OptionGroup var options: ExperimentOptions

  @Option(
    help: ArgumentHelp(
      "The work to do, \(NearestName.list(WorkloadChoice.names)), or a recorded trace.",
      valueName: "name|trace"))
  var workload = WorkloadChoice.names[0]

  @Option(help: ArgumentHelp("Where the run's random numbers start.", valueName: "number"))
  var seed: UInt64 = 1

  mutating func report(_ progress: Progress) async throws(ToolError) -> String {
    let policies = try options.policies()
    let machine = try MachineCatalog.machine(options.machine)
    let workload = try WorkloadChoice(workload)
    let experiment = ExperimentRequest(
      machine: machine, workload: workload, policies: policies, seed: seed)
    return options.format.text(try await ExperimentRunner.run(experiment, progress))
  }
}
