import ArgumentParser
import KernelTraces

/// `iommu trace summarise`: what a recording holds.
struct TraceSummariseCommand: ReportingCommand {
  static let path = "trace summarise"
  static let configuration = CommandConfiguration(
    commandName: "summarise",
    abstract: "Tells sizes, lifetimes, reuse and concurrency of a recording's mappings.",
    discussion: """
      Sizes are in pages of 4 KiB. A lifetime is the time from a map to its unmap, of those \
      mappings whose both ends are recorded. The reuse distance of a page is the number of \
      distinct other pages mapped since it was last mapped, counted exactly: a cache of so many \
      pages, that forgets what was used longest ago, would just not hold it any more. Device \
      pages are those of the device's addresses, memory pages those behind them. In flight is \
      what is mapped; means are over the time of the recording. Stale is what was unmapped and \
      not yet invalidated by the recorded kernel.
      """,
    aliases: ["summarize", "summary"])

  @Argument(help: ArgumentHelp("The recorded trace.", valueName: "trace"))
  var trace: String

  @Option(help: ArgumentHelp("How to print the result.", valueName: "format"))
  var format = OutputFormat.table

  mutating func report(_ progress: Progress) async throws(ToolError) -> String {
    var summary = TraceSummary()
    let statistics = try await TraceReading.lines(trace, progress) { line, parser in
      if case .event(let event) = line { summary.consume(event, from: parser) }
    }
    summary.finish()
    let report = SummaryReport(path: trace, summary: summary, statistics: statistics)
    return switch format {
    case .table: report.table
    case .json: report.json
    }
  }
}
