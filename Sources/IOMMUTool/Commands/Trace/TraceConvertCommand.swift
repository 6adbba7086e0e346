import ArgumentParser
import KernelTraces

/// `iommu trace convert`: a recording in another form.
struct TraceConvertCommand: ReportingCommand {
  /// What a recording can become.
  enum Form: String, ExpressibleByArgument, CaseIterable {
    case ftrace
    case perf
    case traceCommand = "trace-cmd"
    case jsonLines = "jsonl"
    case csv

    /// The form among those that are traces again.
    var text: TraceFormat? {
      switch self {
      case .ftrace: .ftrace
      case .perf: .perf
      case .traceCommand: .traceCommand
      case .jsonLines, .csv: nil
      }
    }
  }

  static let path = "trace convert"
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Writes a recording as another tool would, or its mappings as data.",
    discussion: """
      ftrace, perf and trace-cmd are the texts of tracefs, perf script and trace-cmd report: the \
      same events with the same times, processors, threads and fields. perf has no column of \
      flags and no losses of unknown size; call chains and damaged lines are left out in each.

      jsonl and csv hold the operations that the events add up to, one a line: map, unmap, \
      unmap-part, invalidate and mark, each with time, cpu and task, and with the number of its \
      mapping. Times are seconds; addresses are texts in hexadecimal, first to last byte. An \
      unmap that the trace lost and that the next use of its addresses implies has the cause \
      implied. Only jsonl tells a mapping's segments and where they lie in memory; \
      physicalIsShifted says that all of these may be off by the same amount.
      """)

  @Argument(help: ArgumentHelp("The recorded trace.", valueName: "trace"))
  var trace: String

  @Option(help: ArgumentHelp("What to write.", valueName: "form"))
  var to: Form

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("The file to write. (default: standard output)", valueName: "file"))
  var output: String?

  private(set) var notes: [String] = []

  enum CodingKeys: CodingKey { case trace, to, output }

  mutating func report(_ progress: Progress) async throws(ToolError) -> String {
    var sink = try ByteSink(output, input: trace)
    var notes: [String]
    let written: String
    if let format = to.text {
      var writer = TraceTextWriter(format)
      let statistics = try await TraceReading.lines(trace, progress) { line, parser in
        writer.take(line, from: parser, into: &sink.buffer)
        if writer.events > 0 { sink.pass() }
      }
      notes = TraceNotes.all(statistics)
      if writer.linesLeftOut > 0 {
        notes.append("\(writer.linesLeftOut) lines that are no events of a trace, left out")
      }
      written = "wrote \(writer.events) events"
    } else {
      var writer = OperationWriter(to == .csv ? .csv : .jsonLines)
      var mappings = RecordedMappings()
      var work = RecordedWork()
      let statistics = try await TraceReading.lines(trace, progress) { line, parser in
        guard case .event(let event) = line else { return }
        mappings.consume(event, from: parser, into: &work)
        writer.takeAll(from: &work, into: &sink.buffer)
        sink.pass()
      }
      mappings.finish(into: &work)
      writer.takeAll(from: &work, into: &sink.buffer)
      notes = TraceNotes.all(statistics)
      written = "wrote \(writer.operations) operations"
    }
    try sink.finish()
    if output == nil { self.notes = notes }
    return TraceReading.report(written, to: output, notes)
  }
}
