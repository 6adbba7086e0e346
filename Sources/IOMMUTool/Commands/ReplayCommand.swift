import ArgumentParser

/// `iommu replay`: what recorded work would have cost under several policies.
struct ReplayCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Repeats recorded work on a modelled machine under several policies.",
    discussion: """
      The trace is the text of Linux's tracing buffer, plain or compressed by xz, zstd or gzip, \
      with the events iommu:*, dma:* or probes of the s390 functions. Name it before --policy, \
      which takes every word up to the next option.
      """)

  @Argument(help: ArgumentHelp("The recorded trace.", valueName: "trace"))
  var trace: String

  @OptionGroup var options: ExperimentOptions

  mutating func report(_ progress: Progress) async throws(ToolError) -> String {
    let policies = try options.policies()
    let machine = try MachineCatalog.machine(options.machine)
    try InputFile.checkReadable(trace)
    let experiment = ExperimentRequest(
      machine: machine, workload: .trace(path: trace), policies: policies, seed: 1)
    return options.format.text(try await ExperimentRunner.run(experiment, progress))
  }
}
