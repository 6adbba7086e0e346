import ArgumentParser
import KernelTraces

/// `iommu trace cut`: a part of a recording, line by line as it is.
struct TraceCutCommand: ReportingCommand {
  static let path = "trace cut"
  static let configuration = CommandConfiguration(
    commandName: "cut",
    abstract: "Writes a part of a recording, its lines unchanged.",
    discussion: """
      The part is an interval of time, --from and --to, both included, or what lies between marks, \
      that is, lines written to the kernel's trace_marker. Times are seconds as the trace prints \
      them, or with a + in front seconds since the first event; other units can be named, as in \
      +250ms. A mark is given by its whole text, and the first such mark counts; it is part of \
      what is cut out.

      Each line is written byte for byte as it was read, behind the trace's header, which keeps \
      the counts of the whole trace. A call chain stays with its event, a report of lost events \
      with the event after it.
      """)

  @Argument(help: ArgumentHelp("The recorded trace.", valueName: "trace"))
  var trace: String

  @Option(help: ArgumentHelp("The time of the first event.", valueName: "time"))
  var from: String?

  @Option(help: ArgumentHelp("The time of the last event.", valueName: "time"))
  var to: String?

  @Option(help: ArgumentHelp("A mark and what follows up to the next mark.", valueName: "mark"))
  var phase: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Two marks and what lies between them.", valueName: "mark"))
  var between: [String] = []

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("The file to write. (default: standard output)", valueName: "file"))
  var output: String?

  private(set) var notes: [String] = []

  enum CodingKeys: CodingKey { case trace, from, to, phase, between, output }

  mutating func report(_ progress: Progress) async throws(ToolError) -> String {
    var cutter = TraceCutter(try extent())
    var sink = try ByteSink(output, input: trace)
    let statistics = try await TraceReading.lines(trace, progress) { line, parser in
      cutter.take(line, from: parser, into: &sink.buffer)
      // Until an event is chosen nothing is written, so that a wrong mark leaves no file.
      if cutter.events > 0 { sink.pass() }
    }
    cutter.finish(into: &sink.buffer)
    try check(cutter)
    try sink.finish()
    let notes = TraceNotes.all(statistics)
    if output == nil { self.notes = notes }
    return TraceReading.report(
      "wrote \(cutter.events) of \(statistics.events.total) events", to: output, notes)
  }

  /// The part that the options ask for.
  private func extent() throws(ToolError) -> TraceExtent {
    let hasTimes = from != nil || to != nil
    let kinds = [hasTimes, phase != nil, !between.isEmpty].count { $0 }
    if kinds == 0 { throw .usage("expected --from, --to, --phase or --between") }
    if kinds > 1 { throw .usage("expected either times, --phase or --between") }
    if let phase { return .phase(phase) }
    if !between.isEmpty {
      if between.count != 2 { throw .usage("expected two marks behind --between") }
      return .between(between[0], between[1])
    }
    return .times(
      from: try TraceInstant(spelling: from, option: "--from"),
      to: try TraceInstant(spelling: to, option: "--to"))
  }

  /// Fails where nothing was chosen, and says what there is.
  private func check(_ cutter: TraceCutter) throws(ToolError) {
    let marks =
      cutter.marks.isEmpty
      ? "the trace has no marks"
      : "its marks are " + cutter.marks.map { "'\($0)'" }.joined(separator: ", ")
    let wanted = phase ?? between.first ?? ""
    if !cutter.hasStarted { throw .usage("no mark '\(wanted)' in \(trace); \(marks)") }
    if !cutter.hasEnded {
      throw .usage("no mark '\(between[1])' after '\(between[0])' in \(trace); \(marks)")
    }
    if cutter.events == 0, let first = cutter.timeFirst {
      throw .usage(
        "no event of \(trace) is in that interval; it goes from \(Self.seconds(first)) to "
          + Self.seconds(cutter.timeLast))
    }
  }

  private static func seconds(_ nanoseconds: UInt64) -> String {
    let fraction = String(nanoseconds % 1_000_000_000 / 1_000 + 1_000_000).dropFirst()
    return "\(nanoseconds / 1_000_000_000).\(fraction)"
  }
}

extension TraceInstant {
  /// The time that a user wrote, or `nil` where none was.
  fileprivate init?(spelling text: String?, option: String) throws(ToolError) {
    guard let text else { return nil }
    let isRelative = text.hasPrefix("+")
    var digits = text.dropFirst(isRelative ? 1 : 0)
    if digits.last?.isNumber == true { digits += "s" }
    do throws(SpellingError) {
      let time = try Quantity.time.parse(SpellingPiece(digits, column: isRelative ? 2 : 1))
      self = isRelative ? .sinceStart(time) : .clock(time)
    } catch {
      throw .usage("\(option) '\(text)', column \(error.column): \(error.message)")
    }
  }
}
