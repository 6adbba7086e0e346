import KernelTraces
import Testing

@Suite("Lines that are passed over")
struct PassedOverTests {
  private func statistics(_ text: String) throws(TraceError) -> TraceStatistics {
    try TraceParser.lines(text) { _, _ in }
  }

  @Test("damaged events alone are an error: that of the first of them")
  func damagedAlone() {
    let bad = Lines.ftrace(Lines.mapPages).replacing("paddr", with: "pAddr")
    do throws(TraceError) {
      _ = try statistics("# tracer: nop\n" + bad + bad)
      Issue.record("accepted")
    } catch {
      #expect(error.line == 2)
      #expect(error.problem == .malformed(expected: "'paddr='"))
      #expect(error.exitCode == 65)
    }
  }

  @Test("a last line without end that does not parse is told apart")
  func truncation() throws {
    let good = Lines.ftrace(Lines.mapPages)
    let bad = good.replacing("paddr", with: "pAddr")
    let cut = try statistics(good + bad + good.dropLast(30))
    #expect(cut.malformedLines == 2)
    #expect(cut.firstMalformed?.line == 2)
    #expect(cut.truncation?.line == 3)
    #expect(try statistics(good + bad).truncation == nil)
  }

  @Test("each line has its form, and its bytes make up the text")
  func forms() throws {
    let text =
      "version = 6\n\n# comment\n" + Lines.ftrace(Lines.mapPages)
      + "CPU:3 [LOST 4 EVENTS]\r\n\tcall chain\n"
      + Lines.ftrace(Lines.mapPages).replacing("paddr", with: "x") + Lines.ftrace(Lines.mark)
    var forms: [String] = []
    var bytes: [UInt8] = []
    _ = try TraceParser.lines(text) { line, parser in
      parser.appendLine(to: &bytes)
      if case .without(let form) = line { forms.append("\(form)") } else { forms.append("event") }
    }
    #expect(bytes == Array(text.utf8))
    #expect(
      forms == [
        "header", "blank", "comment", "event", "loss(cpu: 3, count: Optional(4))", "foreign",
        "malformed", "event",
      ])
  }

  @Test("perf's records among its samples are no damaged events, and losses are counted")
  func perfRecords() throws {
    let text = """
      dd   345 [000]  12.500000:          iommu:\(Lines.mapPages)
      dd   345 [001]  12.600000: PERF_RECORD_LOST lost 7
      dd   345 [001]  12.700000: PERF_RECORD_COMM: dd:345/345
      dd   345 [000]  12.800000:          iommu:\(Lines.unmapPages)

      """
    let found = try statistics(text)
    #expect(found.events.total == 2 && found.malformedLines == 0)
    #expect(found.lostEvents == 7 && found.foreignLines == 1)
  }

  /// Forms as in traces that trace-cmd and perf have printed for others: the first lines of
  /// `trace-cmd report`, padded names, no flags, and kernel probes as libtraceevent prints them,
  /// with plain hexadecimal addresses in the parenthesis.
  @Test("trace-cmd and perf print probes and marks as they can be read")
  func otherTools() throws {
    let text = """
      version = 6
      cpus=8
      CPU:7 [204600 EVENTS DROPPED]
                 <...>-3979  [007]   217.975284: sched_stat_runtime:   comm=Thread-103 pid=3979 \
      runtime=5014167 [ns] vruntime=244334517704 [ns]
                 <...>-3979  [007]   217.975314: refresh:              (3ffe00a1b20) \
      fh=0x8002000000000000 addr=0x100000000 range=0x1000
                 <...>-3979  [007]   217.975315: mapret:               (3ffe00a1c00 <- 3ffe00a1) \
      dma=0x100000000
                 <...>-3979  [007]   217.975316: print:                tracing_mark_write: start
      """
    var marks: [String] = []
    let found = try TraceParser.lines(text) { line, parser in
      if case .event(let event) = line, case .mark = event.kind { marks.append(parser.markText) }
    }
    #expect(found.format == .traceCommand && found.malformedLines == 0)
    #expect(found.events.refreshes == 1 && found.events.mapReturns == 1)
    #expect(found.events.others == 1 && found.lostEvents == 204_600)
    #expect(marks == ["start"])
  }
}
