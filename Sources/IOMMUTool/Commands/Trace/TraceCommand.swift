import ArgumentParser
import KernelTraces

/// `iommu trace`: what can be done with a recording as such.
struct TraceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Summarises, cuts, converts and draws recordings of real kernels.",
    discussion: """
      A trace is the text of Linux's tracing buffer, of perf script or of trace-cmd report, plain \
      or compressed by xz, zstd or gzip, with the events iommu:*, dma:* or probes of the s390 \
      functions. Damaged lines are passed over; they are counted and the first one is shown. A \
      file that is no trace at all exits 65.
      """,
    subcommands: [
      TraceSummariseCommand.self, TraceCutCommand.self, TraceConvertCommand.self,
      TraceTimelineCommand.self,
    ])
}

/// Reads traces for the commands.
enum TraceReading {
  /// Hands each line of the trace at `path` to `body`; damaged lines are counted.
  static func lines(
    _ path: String, _ progress: Progress,
    _ body: (TraceLine, borrowing TraceParser) -> Void
  ) async throws(ToolError) -> TraceStatistics {
    try InputFile.checkReadable(path)
    progress.show("reading \(path)")
    do throws(TraceError) {
      return try await TraceFile.readLines(path, onMalformedLine: .countAndContinue, body)
    } catch {
      throw .trace(error)
    }
  }

  /// What is said where data went to a file: nothing where it went to standard output.
  static func report(_ sentence: String, to output: String?, _ notes: [String]) -> String {
    guard let output else { return "" }
    return (["\(sentence) to \(output)"] + notes).joined(separator: "\n") + "\n"
  }
}
