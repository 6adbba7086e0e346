import KernelTraces
import Testing

@Suite("Headers and reports of losses")
struct HeaderTests {
  @Test("the header's counts are kept")
  func header() throws {
    var parser = TraceParser(file: "text")
    let text =
      "# tracer: nop\n#\n# entries-in-buffer/entries-written: 12/34   #P:4\n#\n"
      + Lines.ftrace(Lines.mapPages)
    _ = try Lines.events(text, &parser)
    #expect(parser.statistics.entriesInBuffer == 12)
    #expect(parser.statistics.entriesWritten == 34)
    #expect(parser.statistics.overwrittenEvents == 22)
    #expect(parser.statistics.processors == 4)
    #expect(parser.statistics.lines == 5)
  }

  @Test("lost events are counted in both spellings")
  func losses() throws {
    var parser = TraceParser(file: "text")
    let text =
      Lines.ftrace(Lines.mapPages)
      + "CPU:0 [LOST 123 EVENTS]\nCPU:1 [7 EVENTS DROPPED]\nCPU:1 [EVENTS DROPPED]\n"
    _ = try Lines.events(text, &parser)
    #expect(parser.statistics.lostEvents == 130)
    #expect(parser.statistics.uncountedLosses == 1)
    #expect(parser.statistics.foreignLines == 0)
  }

  @Test("an absurd header is ignored")
  func absurdHeader() throws {
    var parser = TraceParser(file: "text")
    let text =
      "# entries-in-buffer/entries-written: 99999999999999999999999/x   #P:-\n"
      + Lines.ftrace(Lines.mapPages)
    #expect(try Lines.events(text, &parser).count == 1)
    #expect(parser.statistics.entriesWritten == nil)
  }

  @Test(
    "the kind of kernel is told by the events",
    arguments: [
      ([Lines.mapCall, Lines.mapReturn], TraceSource.s390Probes),
      ([Lines.mapPages, Lines.refresh], .s390Tracepoints),
      ([Lines.mapPages, Lines.unmapPages], .pages),
      ([Lines.mapPages, Lines.dmaMap, Lines.flushAll], .pagesAndMappings),
      ([Lines.dmaMap], .mappings),
      ([Lines.mark], .unknown),
    ])
  func source(_ bodies: [String], _ source: TraceSource) throws {
    var parser = TraceParser(file: "text")
    _ = try Lines.events(Lines.ftrace(bodies), &parser)
    #expect(parser.statistics.source == source)
  }
}
