import IOMMU
import MachineModel
import SystemPackage
import Workloads

/// Does the work of `boot`: a machine for each policy, one after the other.
enum BootRunner {
  /// Boots the jobs; rows come in their order.
  ///
  /// Throws: `checkFailed` with what a machine said where it did not end well, or where what it
  /// counted does not fit.
  static func run(
    _ jobs: [BootJob], on emulator: Emulator, workload: String, _ progress: Progress
  ) async throws(ToolError) -> Comparison {
    let disk = FilePath("\(emulator.image.string).disk")
    var rows: [(job: BootJob, row: BootRow)] = []
    for (number, job) in jobs.enumerated() {
      let name = PolicySpelling.spelling(of: job.choice)
      progress.show("\(number) of \(jobs.count) policies; \(name) runs")
      _ = try BootDisk(disk, blocks: job.plan.blockCount)
      let (code, output) = try await emulator.boot(job.commandLine, disk: disk)
      guard let row = BootRow(output: output) else {
        throw .failedCheck(report: output, reason: "\(name): the machine ended with code \(code)")
      }
      if let complaint = row.complaint { throw .checkFailed("\(name): \(complaint)") }
      if code != 0 { throw .checkFailed("\(name): the machine ended with code \(code)") }
      rows.append((job, row))
    }
    let reference = PolicyChoice(.legacy)
    let base = rows.first { $0.job.choice == reference }?.row.rate
    return Comparison(
      machine: "qemu, booted", workload: workload,
      reference: PolicySpelling.spelling(of: reference),
      rows: rows.map {
        $0.row.comparisonRow(
          named: PolicySpelling.spelling(of: $0.job.choice), relativeTo: base)
      },
      notes: [
        "Every block was checked; the driver's RPCITs are the machine's own count. Rates are those "
          + "of an emulator: they rank nothing."
      ])
  }
}
