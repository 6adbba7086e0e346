import IOMMU
import MachineModel
import Workloads

/// Does the work of `boot --measure`: counts what the image takes, and finds what work costs.
enum MeasuringRunner {
  /// The machine file `qemu` with the costs that were found.
  ///
  /// Throws: `checkFailed` where a run did not end well, where image and model did not do the same,
  /// or where the runs do not tell a cost.
  static func machineFile(
    _ emulator: Emulator, _ progress: Progress
  ) async throws(ToolError) -> String {
    let (machine, file) = try MachineCatalog.machineAndFile("qemu")
    let runs = MeasuringRun.all
    var outcomes = [Result<CostFit.Run, ToolError>?](repeating: nil, count: runs.count)
    await withTaskGroup(of: (Int, Result<CostFit.Run, ToolError>).self) { tasks in
      var next = 0
      func begin() {
        if next == runs.count { return }
        let number = next
        next += 1
        tasks.addTask { (number, await outcome(of: runs[number], emulator, machine)) }
      }
      for _ in 0..<2 * processors { begin() }
      var done = 0
      for await (number, outcome) in tasks {
        outcomes[number] = outcome
        done += 1
        progress.show("\(done) of \(runs.count) runs")
        begin()
      }
    }
    var counted: [CostFit.Run] = []
    for case .some(let outcome) in outcomes { counted.append(try outcome.get()) }
    let fit = try CostFit(counted)
    return try text(file, fit, counted)
  }

  private static func outcome(
    of run: MeasuringRun, _ emulator: Emulator, _ machine: MachineDescription
  ) async -> Result<CostFit.Run, ToolError> {
    do throws(ToolError) {
      let row = try await BootRunner.run(run.job, emulator, .silent)
      let name = "\(PolicySpelling.spelling(of: run.choice)), \(run.plan.depth) in flight"
      let result: ExperimentResult
      do {
        result = try run.result(on: machine)
      } catch {
        throw ToolError.checkFailed("\(name): \(error)")
      }
      let counts = ComparisonRow.Invalidations(map: row.map, unmap: row.unmap, global: row.global)
      guard let spent = row.spent, let work = result.work, result.requests == row.requests,
        result.invalidations == counts
      else { throw ToolError.checkFailed("\(name): the image did other work than the model") }
      return .success(CostFit.Run(name: name, work: work, instructions: spent.instructions))
    } catch {
      return .failure(error)
    }
  }

  private static func text(
    _ file: String, _ fit: CostFit, _ runs: [CostFit.Run]
  ) throws(ToolError) -> String {
    var texts: [String: String] = [:]
    for kind in WorkKind.allCases {
      texts["instructions.\(kind.rawValue)"] = decimal(fit.thousandths[kind])
    }
    let worst = runs.map { abs(fit.miss($0)) }.max() ?? 0
    let share = FixedDecimal.text(100 * worst, decimals: 1) ?? ""
    do throws(MachineFileError) {
      let lines = try CalibratedMachineText.replacing(texts, in: file)
        .split(separator: "\n", omittingEmptySubsequences: false)
        .filter { !$0.hasPrefix(mark) }
      let body = lines.joined(separator: "\n")
      return body + "\(mark)\(runs.count) runs, of which these costs miss none by more than "
        + "\(share) %.\n"
    } catch {
      throw .checkFailed("the machine file cannot be made: \(error.message)")
    }
  }

  /// What the line begins with that says how well the costs fit.
  private static let mark = "# Measured by iommu boot --measure: "

  /// Thousandths as a number with three digits behind the point at most.
  static func decimal(_ thousandths: UInt64) -> String {
    var digits = String(1_000 + thousandths % 1_000).dropFirst()
    while digits.last == "0" { digits = digits.dropLast() }
    return "\(thousandths / 1_000)" + (digits.isEmpty ? "" : ".\(digits)")
  }
}
