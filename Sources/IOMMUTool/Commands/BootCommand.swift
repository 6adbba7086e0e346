import ArgumentParser
import IOMMU
import MachineModel
import SystemPackage
import Workloads

/// `iommu boot`: the same work on an emulated IBM Z, with the real instructions.
struct BootCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "boot",
    abstract: "Boots the stack on an emulated IBM Z, and measures it there.",
    discussion: """
      Builds the image if its sources changed, boots it in QEMU with an NVMe function for each \
      policy, and prints rows as compare does. The work goes in rounds: as many requests as the \
      workload has in flight, one doorbell, and the next round when all are done, so that counts \
      do not depend on how fast the computer is. Every block that is read or written is checked, \
      and the driver's count of RPCITs against QEMU's own. Exits with 1 where something is wrong.

      With --icount the driver's calls are timed in instructions, which compare --machine qemu \
      predicts; --measure prints that machine's file with costs that are measured on other runs.

      With --check, machines are booted for checks instead, all or those named:
      \(BootCheck.all.map { "  \($0.name): \($0.about)" }.joined(separator: "\n"))
      'trap' is none of them: it makes a mistake on purpose, to show what is told of one.
      """)

  @Flag(help: ArgumentHelp("Check what QEMU's translation cache lets devices reach, and more."))
  var check = false

  @Option(
    help: ArgumentHelp(
      "With --check: of the refreshes that a check is about, leave out each of a number that this "
        + "divides; the check has to find out.", valueName: "number"))
  var omit: UInt64?

  @Argument(help: ArgumentHelp("With --check: the checks. (default: all)", valueName: "name"))
  var names: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The policies, spelled as for compare. (default: \(defaults.joined(separator: " ")))",
      valueName: "policy"))
  var policy: [String] = []

  @Option(
    help: ArgumentHelp(
      "The work to do, \(NearestName.list(workloads.map(\.name))).", valueName: "name"))
  var workload = Workload.randomRead.name

  @Option(
    help: ArgumentHelp("The requests to measure, rounded up to rounds.", valueName: "count"))
  var requests: UInt64 = 4_096

  @Option(help: ArgumentHelp("Where the run's random numbers start.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "The size of the domain's aperture in MiB, 1 to 4096.", valueName: "MiB"))
  var aperture: UInt64 = 1_024

  @OptionGroup var processing: BootWayOptions

  @Flag(
    help: ArgumentHelp(
      "Count the emulated machine's time in instructions, so that it is the same in each run."))
  var icount = false

  @Flag(
    help: ArgumentHelp(
      "Measure what work takes in instructions, and print the machine file qemu with the results."))
  var measure = false

  @Option(
    help: ArgumentHelp(
      "Boot this image instead of building one.", valueName: "file"))
  var image: String?

  @Option(help: ArgumentHelp("How to print the result.", valueName: "format"))
  var format = OutputFormat.table

  private static let defaults = [
    "strict", "strict+batch", "legacy", "rollover", "rollover+batch",
    "rollover+batch+reuse",
  ]
  private static var workloads: [Workload] {
    Workload.all.filter { RoundPlan($0, seed: 1) != nil }
  }

  mutating func report(_ progress: Progress) async throws(ToolError) -> String {
    if check { return try await reportChecks(progress) }
    if let name = names.first {
      throw .usage("unexpected '\(name)'; checks are named behind --check")
    }
    if omit != nil { throw .usage("--omit has a meaning with --check only") }
    if measure && (!policy.isEmpty || format != .table) {
      throw .usage("--measure prints a machine file; it takes neither --policy nor --format")
    }
    let jobs = try jobs()
    if let image { try InputFile.checkReadable(image) }
    try await Emulator.check()
    progress.show("building the image")
    let file: FilePath
    if let image { file = FilePath(image) } else { file = try await BootImage.current() }
    if measure {
      return try await MeasuringRunner.machineFile(
        Emulator(image: file, countsInstructions: true), progress)
    }
    let comparison = try await BootRunner.run(
      jobs, on: Emulator(image: file, countsInstructions: icount), workload: workload, progress)
    return format.text(comparison)
  }

  private func jobs() throws(ToolError) -> [BootJob] {
    guard let work = Self.workloads.first(where: { $0.name == workload }),
      let plan = RoundPlan(work, seed: seed)
    else {
      let hint = NearestName.hint(for: workload, among: Self.workloads.map(\.name))
      throw .usage("unknown workload '\(workload)'; \(hint)")
    }
    if requests < 1 || requests > 100_000_000 {
      throw .usage("--requests \(requests): expected 1 to 100000000")
    }
    if aperture < 1 || aperture > 4_096 {
      throw .usage("--aperture \(aperture): expected 1 to 4096")
    }
    let way = try processing.way(countsInstructions: icount)
    var jobs: [BootJob] = []
    for text in policy.isEmpty ? Self.defaults : policy {
      jobs.append(
        BootJob(
          choice: try PolicySpelling.choice(text), plan: plan, warmUp: RoundPlan.warmUp,
          rounds: plan.rounds(for: requests), apertureBytes: aperture << 20, way: way))
    }
    return jobs
  }
}
