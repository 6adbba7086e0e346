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

      The recorded maps and unmaps are done in their order, on their processors (modulo \
      those of the machine) and at their times, or later where a processor is still busy; \
      the device then touches the first and last page of each mapping. What the recorded \
      kernel invalidated plays no part: that is the policy's to decide. IOPS are maps per \
      second of the processor time that mapping and unmapping took, so the rate at which \
      this work could go on if nothing else was to be done; identity takes none, which is \
      without bound (inf, null in JSON). Latency is the time from when a map was recorded \
      to when the device can use it. With +batch the device is told of several maps at \
      once: of those of one processor up to its next unmap, and within 50 microseconds. A \
      mapping that was unmapped in parts is unmapped with the last one.

      With --verify nothing runs on a machine. The kernel's own allocator is rebuilt from the \
      recorded maps and unmaps, and each address and each invalidation is compared; \
      Docs/verifying.md says how, and what is inferred. A difference that no lost event \
      explains exits 1, after the report. --policy names the recorded policy then, where it is \
      not recognised.

      A line that is damaged is passed over; they are counted and the first one is shown. A \
      trace that is cut off or is none exits 65 and names file, line and column; 69 says \
      that the program which unpacks the file is not installed.
      """)

  @Argument(help: ArgumentHelp("The recorded trace.", valueName: "trace"))
  var trace: String

  @OptionGroup var options: ExperimentOptions

  @OptionGroup(title: "Verifying") var verifying: VerifyOptions

  mutating func report(_ progress: Progress) async throws(ToolError) -> String {
    if verifying.verify { return try await verify(progress) }
    try verifying.checkUnused()
    let policies = try options.policies()
    let machine = try MachineCatalog.timedMachine(options.machine)
    try InputFile.checkReadable(trace)
    let experiment = ExperimentRequest(
      machine: machine, workload: .trace(path: trace), policies: policies, seed: 1)
    return options.format.text(try await ExperimentRunner.run(experiment, progress))
  }

  private func verify(_ progress: Progress) async throws(ToolError) -> String {
    let overrides = try verifying.overrides(options.policy.isEmpty ? [] : try options.policies())
    var counters: KernelCounters?
    if let text = verifying.counters { counters = try KernelCounters(text) }
    try InputFile.checkReadable(trace)
    let verification = try await Verification(trace, overrides, counters, progress)
    let text = verification.text(options.format)
    if let failure = verification.failure { throw .failedCheck(report: text, reason: failure) }
    return text
  }
}
