import IOMMU
import KernelTraces
import MachineModel

/// `iommu replay --verify`: a recorded kernel compared with the model of it.
struct Verification: Sendable {
  let path: String
  let report: VerificationReport
  let counters: KernelCounters?
  /// Damaged lines that were passed over.
  let malformed: MalformedLines?
  /// Lines for people about them, and about what the kernel says it lost.
  let notes: [String]

  /// Reads the trace at `path` and compares.
  ///
  /// Throws: `trace` for a file that is not a whole trace, `malformed` for one without mappings.
  init(
    _ path: String, _ overrides: RecordedKernel.Overrides, _ counters: KernelCounters?,
    _ progress: Progress
  ) async throws(ToolError) {
    progress.show("reading \(path)")
    var kernel = RecordedKernel()
    let statistics: TraceStatistics
    do throws(TraceError) {
      statistics = try await TraceFile.read(path, onMalformedLine: .countAndContinue) {
        event, parser in kernel.consume(event, from: parser)
      }
    } catch {
      throw .trace(error)
    }
    if let truncation = statistics.truncation { throw .trace(truncation) }
    progress.show("comparing")
    report = kernel.verify(statistics, overrides)
    if report.maps == 0 {
      throw .malformed(path: path, line: 1, column: 1, "the trace shows no mapping")
    }
    malformed = MalformedLines(statistics)
    notes = TraceNotes.all(statistics)
    self.path = path
    self.counters = counters
  }

  /// Why the check does not hold, or `nil` if it does.
  var failure: String? {
    if let other = counters?.compared(with: report.counters).first(where: { $0.kernel != $0.trace })
    {
      return "\(path): the kernel counted \(other.name) \(other.kernel), the trace comes to "
        + "\(other.trace)"
    }
    if report.holds { return nil }
    return "\(path): the kernel did what the model does not"
  }

  /// The result in the form asked for.
  func text(_ format: OutputFormat) -> String {
    switch format {
    case .table: VerificationTable.text(self)
    case .json: VerificationJSON.text(self)
    }
  }
}
