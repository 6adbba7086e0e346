import ArgumentParser
import KernelTraces

/// `iommu trace timeline`: a recording as a picture.
struct TraceTimelineCommand: ReportingCommand {
  static let path = "trace timeline"
  static let configuration = CommandConfiguration(
    commandName: "timeline",
    abstract: "Draws a recording as a timeline for Perfetto or Chrome.",
    discussion: """
      Writes JSON in the Trace Event Format, which https://ui.perfetto.dev and chrome://tracing \
      open. It has a slice for each mapping from its map to its unmap, by processor; counters of \
      maps and pages in flight and of stale pages, that is, unmapped and not yet invalidated by \
      the recorded kernel; an instant for each invalidation, range or global, by processor; and \
      the marks.

      The file is bounded: the first --slices mappings, invalidations of ranges, global ones and \
      marks are drawn, and a note says how many more there are. Counters go on to the end; within \
      a --window each is written at most twice, with its highest and its last value, and the \
      window doubles after each 20000 values. To look at a part closely, cut it out first.
      """)

  @Argument(help: ArgumentHelp("The recorded trace.", valueName: "trace"))
  var trace: String

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("The file to write. (default: standard output)", valueName: "file"))
  var output: String?

  @Option(help: ArgumentHelp("How many of each kind to draw.", valueName: "number"))
  var slices = 100_000

  @Option(help: ArgumentHelp("How often a counter is written.", valueName: "time"))
  var window = "100us"

  private(set) var notes: [String] = []

  enum CodingKeys: CodingKey { case trace, output, slices, window }

  mutating func report(_ progress: Progress) async throws(ToolError) -> String {
    if slices < 0 { throw .usage("--slices: expected 0 or more, found \(slices)") }
    var sink = try ByteSink(output, input: trace)
    var timeline = TimelineWriter(slicesMax: slices, window: try windowNanoseconds())
    var mappings = RecordedMappings()
    var work = RecordedWork()
    timeline.begin(trace, into: &sink.buffer)
    let statistics = try await TraceReading.lines(trace, progress) { line, parser in
      guard case .event(let event) = line else { return }
      mappings.consume(event, from: parser, into: &work)
      timeline.takeAll(from: &work, into: &sink.buffer)
      sink.pass()
    }
    mappings.finish(into: &work)
    timeline.takeAll(from: &work, into: &sink.buffer)
    timeline.finish(at: mappings.summary.timeLast, into: &sink.buffer)
    try sink.finish()
    let notes = notes(timeline.counts, mappings.summary) + TraceNotes.all(statistics)
    if output == nil { self.notes = notes }
    let counts = timeline.counts
    return TraceReading.report(
      "wrote \(counts.mappings) mappings, \(counts.invalidations) invalidations and "
        + "\(counts.marks) marks", to: output, notes)
  }

  private func windowNanoseconds() throws(ToolError) -> UInt64 {
    do throws(SpellingError) {
      return try Quantity.time.parse(SpellingPiece(window[...]))
    } catch {
      throw .usage("--window '\(window)', column \(error.column): \(error.message)")
    }
  }

  private func notes(
    _ counts: TimelineWriter.Counts, _ summary: ReconciliationSummary
  ) -> [String] {
    let leftOut = [
      (counts.mappingsLeftOut, "mappings"), (counts.invalidationsLeftOut, "invalidations"),
      (counts.marksLeftOut, "marks"),
    ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    var notes: [String] = []
    if !leftOut.isEmpty {
      notes.append("not drawn, beyond --slices: " + leftOut.joined(separator: ", "))
    }
    if summary.rangeInvalidations + summary.globalInvalidations == 0 {
      notes.append("no invalidation was recorded: the counter of stale pages only grows")
    }
    return notes
  }
}
