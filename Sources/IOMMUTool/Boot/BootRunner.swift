import IOMMU
import MachineModel
import SystemPackage
import Workloads

/// Does the work of `boot`: a machine for each policy, some of them side by side, as each waits for
/// seconds until the machine has written down what it counted.
enum BootRunner {
  /// Boots the jobs; rows come in their order.
  ///
  /// Throws: `checkFailed` with what a machine said where it did not end well, or where what it
  /// counted does not fit.
  static func run(
    _ jobs: [BootJob], on emulator: Emulator, workload: String, _ progress: Progress
  ) async throws(ToolError) -> Comparison {
    var outcomes = [Result<BootRow, ToolError>?](repeating: nil, count: jobs.count)
    await withTaskGroup(of: (Int, Result<BootRow, ToolError>).self) { tasks in
      var next = 0
      var done = 0
      func begin() {
        if next == jobs.count { return }
        let number = next
        next += 1
        tasks.addTask { (number, await outcome(of: jobs[number], emulator, progress)) }
      }
      for _ in 0..<2 * processors { begin() }
      for await (number, outcome) in tasks {
        outcomes[number] = outcome
        done += 1
        progress.show("\(done) of \(jobs.count) policies")
        begin()
      }
    }
    var rows: [(job: BootJob, row: BootRow)] = []
    for (job, outcome) in zip(jobs, outcomes) {
      if let outcome { rows.append((job, try outcome.get())) }
    }
    let reference = PolicyChoice(.legacy)
    let base = rows.first { $0.job.choice == reference }?.row.rate
    return Comparison(
      machine: "qemu, booted", workload: workload,
      reference: PolicySpelling.spelling(of: reference),
      rows: rows.map {
        var row = $0.row.comparisonRow(
          named: PolicySpelling.spelling(of: $0.job.choice), relativeTo: base)
        if emulator.countsInstructions { row.instructionsPerIO = $0.row.instructionsPerIO }
        return row
      },
      notes: [
        "Every block was checked; the driver's RPCITs are the machine's own count. Rates are those "
          + "of an emulator: they rank nothing."
      ]
        + rows.flatMap {
          $0.job.way.notes(
            $0.row.processors, policy: PolicySpelling.spelling(of: $0.job.choice))
        })
  }

  private static func outcome(
    of job: BootJob, _ emulator: Emulator, _ progress: Progress
  ) async -> Result<BootRow, ToolError> {
    do throws(ToolError) {
      return .success(try await run(job, emulator, progress))
    } catch {
      return .failure(error)
    }
  }

  /// One machine, with a disk of its own.
  static func run(
    _ job: BootJob, _ emulator: Emulator, _ progress: Progress
  ) async throws(ToolError) -> BootRow {
    let name = PolicySpelling.spelling(of: job.choice)
    let disk = try BootDisk(beside: emulator.image, blocks: job.plan.blockCount)
    defer { disk.close() }
    let (code, lines) = try await emulator.boot(
      job.commandLine, disks: [disk.path], processors: job.way.processors
    ) { line in
      if let share = BootProgress.percent(line) { progress.show("\(name): \(share) %") }
    }
    guard let row = BootRow(lines: lines) else {
      throw .failedCheck(
        report: TrapNames.told(lines, image: emulator.image),
        reason: "\(name): the machine ended with code \(code)")
    }
    if let complaint = row.complaint { throw .checkFailed("\(name): \(complaint)") }
    if let complaint = job.way.complaint(row.processors, requests: row.requests) {
      throw .checkFailed("\(name): \(complaint)")
    }
    if code != 0 { throw .checkFailed("\(name): the machine ended with code \(code)") }
    return row
  }
}

/// The lines by which an image tells how far it is: `progress done=… of=…`.
enum BootProgress {
  /// The share that is done, in per cent; `nil` for another line.
  static func percent(_ line: String) -> UInt64? {
    let words = line.split(separator: " ")
    guard words.count == 3, words[0] == "progress", let done = number(words[1], "done="),
      let whole = number(words[2], "of="), whole > 0
    else { return nil }
    return 100 * done / whole
  }

  private static func number(_ word: Substring, _ name: String) -> UInt64? {
    word.hasPrefix(name) ? UInt64(word.dropFirst(name.count)) : nil
  }
}
