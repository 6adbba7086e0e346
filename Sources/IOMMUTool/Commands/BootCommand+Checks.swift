import SystemPackage

/// `iommu boot --check`.
extension BootCommand {
  /// Boots a machine for each check, and tells what was seen.
  ///
  /// Throws: `failedCheck` with the report where one does not hold.
  func reportChecks(_ progress: Progress) async throws(ToolError) -> String {
    let checks = try BootCheck.named(names)
    if !policy.isEmpty { throw .usage("--policy has no meaning with --check") }
    if omit == 0 { throw .usage("--omit 0: expected 1 or more") }
    if let image { try InputFile.checkReadable(image) }
    try await Emulator.check()
    progress.show("building the image")
    let file: FilePath
    if let image { file = FilePath(image) } else { file = try await BootImage.current() }
    // Counting instructions, time passes at once where a machine only waits for it.
    let runner = BootCheckRunner(
      emulator: Emulator(image: file, countsInstructions: true), omitted: omit)
    let outcomes = try await runner.run(checks, progress)
    let report: String =
      switch format {
      case .table: BootCheckReport.table(outcomes)
      case .json: BootCheckReport.json(outcomes)
      }
    let failed = outcomes.filter { $0.complaint != nil }
    guard let first = failed.first else { return report }
    throw .failedCheck(
      report: report,
      reason: "\(failed.count) of \(outcomes.count) checks do not hold; "
        + "\(first.name): \(first.complaint ?? "")")
  }
}
