import IOMMU
import MachineModel
import Subprocess
import SystemPackage
import Workloads

/// Does the work of `versus-linux`.
struct VersusRunner {
  /// The folder of the project's sources.
  let folder: FilePath
  /// The kernels to boot, by their series.
  var kernels: [String]
  /// The workloads, each with as many requests as it shall do.
  var workloads: [PlannedWorkload]
  /// What runs of Linux get of their usual number of requests.
  var percent: Int
  /// Our policies.
  var policies: [PolicyChoice]
  /// Where downloads stay; the script's own folder unless told.
  var cache: String?

  /// The script that boots Linux.
  static let script = "Platforms/s390x/Linux/run"

  /// The workloads that both sides can do.
  ///
  /// Throws: `missingInput` or `malformed` where the plan is not there or not a plan.
  static func plan(in folder: FilePath) throws(ToolError) -> [PlannedWorkload] {
    let path = folder.appending("Platforms/s390x/Linux/plan").string
    let bytes = try InputFile.bytes(of: path, atMost: 1 << 16)
    return try PlannedWorkload.plan(String(decoding: bytes, as: UTF8.self), path: path)
  }

  /// Runs Linux, then our image; what the script says goes to standard error.
  ///
  /// Throws: `unavailable` where something is missing, `checkFailed` where either side read wrong
  /// data or counters contradict each other.
  func report(_ progress: Progress) async throws(ToolError) -> VersusReport {
    let linux = kernels.isEmpty ? [] : try await linuxRows()
    var parts: [VersusReport.Part] = []
    let image = policies.isEmpty ? nil : try await BootImage.current()
    for workload in workloads {
      var rows = linux.filter { $0.workload == workload.name }.map { VersusReport.Row($0) }
      if let image {
        progress.show(workload.name)
        rows += try await ourRows(workload, Emulator(image: image, countsInstructions: false))
      }
      parts.append(VersusReport.Part(workload: workload, rows: rows))
    }
    return VersusReport(parts: parts)
  }

  private func linuxRows() async throws(ToolError) -> [LinuxRow] {
    var arguments = [
      "--kernels", kernels.joined(separator: ","), "--workloads",
      workloads.map(\.name).joined(separator: ","), "--percent", "\(percent)",
    ]
    if let cache { arguments += ["--cache", cache] }
    let result = try await Programs.run(
      .path(folder.appending(Self.script)), arguments, in: nil, collecting: true)
    switch result.code {
    case 0: return try LinuxRow.rows(result.output)
    case 69:
      throw .unavailable("Linux could not be booted; \(Self.script) says above what is missing")
    default:
      throw .checkFailed("\(Self.script) ended with \(result.code); it says above what is wrong")
    }
  }

  private func ourRows(
    _ workload: PlannedWorkload, _ emulator: Emulator
  ) async throws(ToolError) -> [VersusReport.Row] {
    let plan = workload.rounds(seed: 1)
    let rounds = plan.rounds(for: max(workload.requests * UInt64(percent) / 100, 1))
    let jobs = policies.map {
      BootJob(
        choice: $0, plan: plan, warmUp: RoundPlan.warmUp, rounds: rounds, apertureBytes: 1 << 30)
    }
    let comparison = try await BootRunner.run(
      jobs, on: emulator, workload: workload.name, .silent)
    return comparison.rows.map { VersusReport.Row($0, requests: UInt64(rounds * plan.depth)) }
  }
}
