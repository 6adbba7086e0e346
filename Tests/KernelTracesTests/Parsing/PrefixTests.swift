import KernelTraces
import Testing

@Suite("What stands before an event")
struct PrefixTests {
  struct Form: Sendable {
    var prefix: String
    var time: UInt64
    var cpu: Int
    var task: Int
    var format: TraceFormat
  }

  private static let forms = [
    Form(
      prefix: "    kworker/u2:0-9       [000] d.h..     8.961637: ", time: 8_961_637_000, cpu: 0,
      task: 9, format: .ftrace),
    Form(
      prefix: "          <idle>-0       [011] dNs2.    13.665750: ", time: 13_665_750_000,
      cpu: 11, task: 0, format: .ftrace),
    Form(
      prefix: "              dd-234     [001]    13.653209: ", time: 13_653_209_000, cpu: 1,
      task: 234, format: .ftrace),
    Form(
      prefix: "              dd-234     (    234) [001] .....    13.653209: ",
      time: 13_653_209_000, cpu: 1, task: 234, format: .ftrace),
    Form(
      prefix: "    Web Content: 1-77    [003] .....     1.5: ", time: 1_500_000_000, cpu: 3,
      task: 77, format: .ftrace),
    Form(
      prefix: "           <...>-99999   [127] 123456.123456789: ", time: 123_456_123_456_789,
      cpu: 127, task: 99_999, format: .ftrace),
    Form(
      prefix: "swapper     0 [002]  1234.567890:          iommu:", time: 1_234_567_890_000, cpu: 2,
      task: 0, format: .perf),
    Form(
      prefix: "my app  12/345 [002]  1234.567890:          iommu:", time: 1_234_567_890_000, cpu: 2,
      task: 345, format: .perf),
    Form(
      prefix: "dd  345  1234.567890:  iommu:", time: 1_234_567_890_000, cpu: 0, task: 345,
      format: .perf),
  ]

  @Test("is read in every form", arguments: forms)
  func read(_ form: Form) throws {
    var parser = TraceParser(file: "text")
    let events = try Lines.events(form.prefix + Lines.mapPages + "\n", &parser)
    let event = try #require(events.first)
    #expect(event.time == form.time)
    #expect(event.cpu == form.cpu)
    #expect(event.task == form.task)
    #expect(event.line == 1)
    #expect(parser.statistics.format == form.format)
    guard case .mapPages = event.kind else {
      Issue.record("not a map")
      return
    }
  }

  @Test("trace-cmd is known by its first line, and pads names")
  func traceCommand() throws {
    var parser = TraceParser(file: "text")
    let body = Lines.mapPages.replacing("map: ", with: "map:                  ", maxReplacements: 1)
    let text = "cpus=2\n              dd-234   [001]    13.653209: \(body)\n"
    #expect(try Lines.events(text, &parser).count == 1)
    #expect(parser.statistics.format == .traceCommand)
    #expect(parser.statistics.foreignLines == 0)
  }

  @Test("call chains, blank lines and carriage returns do no harm")
  func otherLines() throws {
    var parser = TraceParser(file: "text")
    let text = """
      dd 345 [000] 1.5: iommu:\(Lines.mapPages)\r
      \tffffffff81234567 iommu_map+0x12 ([kernel.kallsyms])


      dd 345 [000] 1.6: iommu:\(Lines.unmapPages)\r

      """
    #expect(try Lines.events(text, &parser).map(\.line) == [1, 5])
    #expect(parser.statistics.foreignLines == 1)
  }

  @Test("every event is read behind every prefix", arguments: forms, Lines.all)
  func everyCombination(_ form: Form, _ body: String) throws {
    var parser = TraceParser(file: "text")
    _ = try Lines.events(form.prefix + body + "\n", &parser)
    #expect(parser.statistics.events.total == 1)
    #expect(parser.statistics.events.others == 0)
  }
}
