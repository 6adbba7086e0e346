/// Writes a trace's lines again, in the form of ftrace, `perf script` or `trace-cmd report`.
///
/// The fields behind an event's name stay as they are, since the three write them alike; so do the
/// digits of the time. What is written reads back to the same events.
///
/// | feature | value | note |
/// |---|---|---|
/// | time, processor, task, event, fields | kept | a line without a processor gets 0 |
/// | reports of losses | kept | but perf has none of unknown size |
/// | flags such as `d.h1.` | ftrace, trace-cmd | perf has no such column |
/// | an event's system | perf | where the text did not name it, it is known by the event's name |
/// | comments | ftrace to ftrace | otherwise a header in the manner of the form |
/// | call chains, process numbers, damaged lines | no | |
///
/// Anything absent is unsupported. Sources: Linux kernel/trace/trace_output.c,
/// `trace_print_context`; tools/perf/builtin-script.c, `print_sample_start` and `process_event`;
/// trace-cmd's tracecmd/trace-read.c, `trace_show_data`, and what it prints by default.
public struct TraceTextWriter: Sendable {
  /// The form to write.
  public let format: TraceFormat
  /// The events written.
  public private(set) var events = 0
  /// Reports of losses, call chains and the like that the form cannot hold.
  public private(set) var linesLeftOut = 0

  private var hasHeader = false
  private var timeLast: UInt64 = 0

  /// A writer at the start of a trace.
  public init(_ format: TraceFormat) { self.format = format }

  /// Adds the line that `parser` gave last to `output`, in the form to write.
  ///
  /// Complexity: O(n) in the line's bytes.
  public mutating func take(
    _ line: TraceLine, from parser: borrowing TraceParser, into output: inout [UInt8]
  ) {
    switch line {
    case .event(let event):
      writeHeader(parser, &output)
      write(event, parser, &output)
      timeLast = event.time
      events += 1
    case .without(.loss(let cpu, let count)):
      writeHeader(parser, &output)
      writeLoss(cpu, count, &output)
    case .without(.comment) where format == .ftrace:
      parser.appendLine(to: &output)
      if output.last != .lineFeed { output.append(.lineFeed) }
      hasHeader = true
    case .without(.foreign): linesLeftOut += 1
    case .without: break
    }
  }

  /// Ends the trace; one without events gets its header still.
  public mutating func finish(_ parser: borrowing TraceParser, into output: inout [UInt8]) {
    writeHeader(parser, &output)
  }

  private mutating func writeHeader(_ parser: borrowing TraceParser, _ output: inout [UInt8]) {
    if hasHeader { return }
    hasHeader = true
    switch format {
    case .ftrace:
      output.append(
        text: "# tracer: nop\n#\n#           TASK-PID     CPU#     TIMESTAMP  FUNCTION\n"
          + "#              | |         |         |         |\n")
    case .traceCommand:
      // The number of processors is trace-cmd's first line; where it is not known, older versions'
      // first line stands for it.
      let processors = parser.statistics.processors
      output.append(text: processors.map { "cpus=\($0)\n" } ?? "version = 6\n")
    case .perf: break
    }
  }

  private func write(
    _ event: TraceEvent, _ parser: borrowing TraceParser, _ output: inout [UInt8]
  ) {
    let layout = parser.context.layout
    let name = parser.taskName
    output.append(blanks: 16 - min(16, name.count))
    output.append(contentsOf: name)
    let task = String(event.task)
    switch format {
    case .ftrace: output.append(text: "-\(task)", paddedTo: 8)
    case .traceCommand: output.append(text: "-\(task)", paddedTo: 6)
    case .perf:
      output.append(blanks: 8 - min(7, task.utf8.count))
      output.append(text: task)
    }
    let cpu = String(event.cpu)
    output.append(text: " [" + String(repeating: "0", count: max(0, 3 - cpu.count)) + cpu + "] ")
    if let flags = layout.flags, format != .perf {
      output.append(contentsOf: parser.buffer[flags])
      output.append(.space)
    }
    let points = parser.buffer[layout.time].prefix { $0 != UInt8(ascii: ".") }.count
    output.append(blanks: 5 - min(5, points))
    output.append(contentsOf: parser.buffer[layout.time])
    output.append(text: ": ")
    writeName(event, parser, &output)
    output.append(contentsOf: parser.buffer[layout.body])
    output.append(.lineFeed)
  }

  private func writeName(
    _ event: TraceEvent, _ parser: borrowing TraceParser, _ output: inout [UInt8]
  ) {
    let layout = parser.context.layout
    var name = Array(parser.buffer[layout.event])
    var isMark = false
    if case .mark = event.kind { isMark = true }
    if isMark { name = Array((format == .ftrace ? "tracing_mark_write" : "print").utf8) }
    switch format {
    case .ftrace: break
    case .traceCommand:
      output.append(contentsOf: name)
      output.append(UInt8(ascii: ":"))
      output.append(blanks: 21 - min(20, name.count + 1))
    case .perf:
      var system = Array(parser.buffer[layout.system])
      if isMark || system.isEmpty { system = Array(event.kind.system.utf8) }
      output.append(blanks: 24 - min(24, system.count + name.count))
      output.append(contentsOf: system)
    }
    if format != .traceCommand {
      output.append(contentsOf: name)
      output.append(text: ": ")
    }
    if isMark, format != .ftrace { output.append(text: "tracing_mark_write: ") }
  }

  private mutating func writeLoss(_ cpu: UInt64, _ count: UInt64?, _ output: inout [UInt8]) {
    switch format {
    case .ftrace:
      output.append(text: "CPU:\(cpu) [LOST \(count.map { "\($0) " } ?? "")EVENTS]\n")
    case .traceCommand:
      output.append(text: "CPU:\(cpu) [\(count.map { "\($0) " } ?? "")EVENTS DROPPED]\n")
    case .perf:
      guard let count, cpu < 1 << 16 else {
        linesLeftOut += 1
        return
      }
      let microseconds = String(timeLast / 1_000 % 1_000_000 + 1_000_000).dropFirst()
      output.append(
        text: "         swapper       0 [\(cpu)] \(timeLast / 1_000_000_000).\(microseconds): "
          + "PERF_RECORD_LOST lost \(count)\n")
    }
  }
}
