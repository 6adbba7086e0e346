import KernelTraces
import Testing

@Suite("Converting a trace's text")
struct TraceTextWriterTests {
  private struct Converted {
    var text = ""
    var events: [String] = []
    var statistics = TraceStatisticsPart()
    var linesLeftOut = 0
  }

  /// What must survive a conversion besides the events.
  private struct TraceStatisticsPart: Equatable {
    var format: TraceFormat?
    var lost: UInt64 = 0
    var uncounted = 0
    var malformed = 0
  }

  private func convert(_ text: String, to format: TraceFormat) throws -> Converted {
    var writer = TraceTextWriter(format)
    var output: [UInt8] = []
    var result = Converted()
    let statistics = try TraceParser.lines(text) { line, parser in
      if case .event(let event) = line { result.events.append(words(event, parser)) }
      writer.take(line, from: parser, into: &output)
    }
    result.text = String(decoding: output, as: UTF8.self)
    result.linesLeftOut = writer.linesLeftOut
    result.statistics = TraceStatisticsPart(
      format: statistics.format, lost: statistics.lostEvents,
      uncounted: statistics.uncountedLosses, malformed: statistics.malformedLines)
    return result
  }

  @Test("keeps every event, whichever way it goes", arguments: Traces.small)
  func recordings(_ name: String) throws {
    let text = try unpackedText(Traces.path(name), lines: 1_500)
    let same = try convert(text, to: .ftrace)
    #expect(same.text == text, "ftrace to ftrace changes no byte")
    var chain = text
    for format in [TraceFormat.perf, .traceCommand, .perf, .ftrace] {
      let converted = try convert(chain, to: format)
      #expect(converted.events == same.events)
      #expect(converted.statistics.malformed == 0)
      chain = converted.text
      #expect(try convert(chain, to: .ftrace).statistics.format == format)
    }
    #expect(try convert(chain, to: .ftrace).events == same.events)
    // Without a detour over perf, the flags stay too.
    let flagged = try convert(try convert(text, to: .traceCommand).text, to: .ftrace)
    let isEvent = { (line: Substring) in !line.hasPrefix("#") }
    #expect(
      flagged.text.split(separator: "\n").filter(isEvent)
        == text.split(separator: "\n").filter(isEvent))
  }

  @Test("keeps losses, odd names, marks, unknown events and what perf names no processor for")
  func oddities() throws {
    let text = """
      version = 6
      CPU:7 [204600 EVENTS DROPPED]
                 <...>-3979  [007]   217.975284: sched_stat_runtime:   comm=Thread-103 pid=3979
          Web Content:-77    [1003] d.h1.  1218.5: print:      tracing_mark_write: a, b: "c"
      CPU:1 [EVENTS DROPPED]
           a - b-0   [000]     0.000000001: map:    IOMMU: iova=0x1000 - 0x2000 paddr=0x0 \
      size=4096
      """
    let source = try convert(text, to: .ftrace)
    #expect(source.events.count == 3)
    #expect(source.statistics.lost == 204_600 && source.statistics.uncounted == 1)
    for format in [TraceFormat.ftrace, .traceCommand, .perf] {
      let there = try convert(text, to: format)
      let back = try convert(there.text, to: .ftrace)
      #expect(back.events == source.events)
      #expect(back.statistics.lost == 204_600)
      // perf has no losses of unknown size.
      #expect(back.statistics.uncounted == (format == .perf ? 0 : 1))
      #expect(there.linesLeftOut == (format == .perf ? 1 : 0))
    }
    let noCPU = "dd  345  1234.567890:  iommu:\(Lines.mapPages)\n\tffff x\n"
    let perf = try convert(noCPU, to: .traceCommand)
    #expect(perf.linesLeftOut == 1)
    #expect(try convert(perf.text, to: .perf).events == perf.events)
  }

  @Test("every event is kept behind every prefix", arguments: Lines.all)
  func everyEvent(_ body: String) throws {
    let text = Lines.ftrace(body)
    for format in [TraceFormat.ftrace, .traceCommand, .perf] {
      let there = try convert(text, to: format)
      #expect(try convert(there.text, to: .perf).events == there.events)
    }
  }
}
