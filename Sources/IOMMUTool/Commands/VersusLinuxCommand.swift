import ArgumentParser
import IOMMU
import MachineModel
import SystemPackage

/// `iommu versus-linux`: real kernels and this stack on the same emulated IBM Z.
struct VersusLinuxCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "versus-linux",
    abstract: "Boots Linux and this stack on the same emulated IBM Z, and compares RPCITs.",
    discussion: """
      Boots Debian's s390x kernels in QEMU in each of their translation modes, and our image under \
      each policy, with the same NVMe function and disk, and has them do the same work. Prints the \
      RPCITs per I/O by kind, and, as information only, I/Os per second of the emulated machine. \
      The first run downloads about 83 MB of Debian's packages, which stay; all of it takes about \
      5 minutes for Linux and 3 for ours. What Linux is doing is told on standard error. \
      Platforms/s390x/Linux/README.md says what is counted and how.

      JSON: {machine, workloads: [{workload, buffers, depth, rows: [{linux, mode, policy, ios, \
      invalidations: {map, unmap, global}, invalidationsPerIO, iops}]}], notes}. linux is the \
      kernel's release and mode its translation mode; both are null for this stack.
      """)

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The kernels, of \(NearestName.list(kernels)), or none. (default: all)",
      valueName: "series"))
  var kernel: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The work to do, of the names in Platforms/s390x/Linux/plan. (default: all)",
      valueName: "name"))
  var workload: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Our policies, spelled as for compare. (default: \(defaults.joined(separator: " ")))",
      valueName: "policy"))
  var policy: [String] = []

  @Option(
    help: ArgumentHelp(
      "So much of the usual number of requests, 1 to 1000.", valueName: "per cent"))
  var percent = 100

  @Option(
    help: ArgumentHelp(
      "Where downloads stay. (default: .build-s390x/linux in the project)", valueName: "folder"))
  var cache: String?

  @Option(help: ArgumentHelp("How to print the result.", valueName: "format"))
  var format = OutputFormat.table

  private static let kernels = ["6.1", "6.12"]
  // The first four are Linux's own modes.
  private static let defaults = [
    "legacy", "legacy-strict", "single-queue:32768,1s", "strict", "strict+batch", "rollover",
    "rollover+batch", "rollover+batch+reuse",
  ]

  mutating func report(_ progress: Progress) async throws(ToolError) -> String {
    guard let folder = PackageFolder.path else {
      throw .unavailable(
        "the sources are not where this tool was built; \(VersusRunner.script) is a part of them")
    }
    let report = try await runner(VersusRunner.plan(in: folder), folder.string).report(progress)
    switch format {
    case .table: return VersusTable.text(report)
    case .json: return VersusJSON.text(report)
    }
  }

  private func runner(
    _ plan: [PlannedWorkload], _ folder: String
  ) async throws(ToolError) -> VersusRunner {
    if percent < 1 || percent > 1_000 { throw .usage("--percent \(percent): expected 1 to 1000") }
    for name in kernel where name != "none" && !Self.kernels.contains(name) {
      throw .usage("unknown kernel '\(name)'; \(NearestName.hint(for: name, among: Self.kernels))")
    }
    if kernel.count > 1 && kernel.contains("none") {
      throw .usage("--kernel none: expected no other beside it")
    }
    for name in workload where !plan.contains(where: { $0.name == name }) {
      let hint = NearestName.hint(for: name, among: plan.map(\.name))
      throw .usage("unknown workload '\(name)'; \(hint)")
    }
    var policies: [PolicyChoice] = []
    for text in policy.isEmpty ? Self.defaults : policy {
      policies.append(try PolicySpelling.choice(text))
    }
    try await Emulator.check()
    return VersusRunner(
      folder: FilePath(folder),
      kernels: kernel.isEmpty ? Self.kernels : kernel.filter { $0 != "none" },
      workloads: plan.filter { workload.isEmpty || workload.contains($0.name) }, percent: percent,
      policies: policies, cache: cache)
  }
}
