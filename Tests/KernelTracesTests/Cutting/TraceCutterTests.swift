import KernelTraces
import Testing

@Suite("Cutting a trace")
struct TraceCutterTests {
  private func cut(_ text: String, _ extent: TraceExtent) throws -> (String, TraceCutter) {
    var cutter = TraceCutter(extent)
    var output: [UInt8] = []
    _ = try TraceParser.lines(text) { line, parser in
      cutter.take(line, from: parser, into: &output)
    }
    cutter.finish(into: &output)
    return (String(decoding: output, as: UTF8.self), cutter)
  }

  private static func time(_ line: Substring) -> UInt64? {
    if line.hasPrefix("#") { return nil }
    let digits = line.split(separator: " ").first { $0.hasSuffix(":") && $0.contains(".") }
    let parts = digits?.dropLast().split(separator: ".") ?? []
    guard parts.count == 2, let seconds = UInt64(parts[0]), let rest = UInt64(parts[1]) else {
      return nil
    }
    return seconds * 1_000_000_000 + rest * 1_000
  }

  @Test("by time gives the header and exactly the lines of that time", arguments: Traces.small)
  func times(_ name: String) throws {
    let text = try unpackedText(Traces.path(name), lines: 2_500)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    let times = lines.compactMap { Self.time($0) }
    let from = times[times.count / 3]
    let to = times[times.count * 2 / 3]
    let expected = lines.filter { Self.time($0).map { $0 >= from && $0 <= to } ?? true }
    let (found, cutter) = try cut(text, .times(from: .clock(from), to: .clock(to)))
    #expect(found == expected.map { $0 + "\n" }.joined())
    #expect(cutter.events == expected.count - 12)
    let relative = TraceExtent.times(
      from: .sinceStart(from - times[0]), to: .sinceStart(to - times[0]))
    #expect(try cut(text, relative).0 == found)
    #expect(try cut(text, .times(from: nil, to: nil)).0 == text)
  }

  @Test("by marks gives the phases, which make up the whole")
  func phases() throws {
    let text = try unpackedText(Traces.path("s390x/linux-6.1-lazy-mixed"))
    let whole = try cut(text, .times(from: nil, to: nil)).1
    #expect(whole.marks == ["mark-probe", "mark-start", "mark 3:4:60:4,8,64,256:30:1000"])
    let phases = try whole.marks.map { try cut(text, .phase($0)) }
    #expect(phases.reduce(0) { $0 + $1.1.events } == whole.events)
    let header = String(
      text.prefix { $0 != "i" }.split(separator: "\n").dropLast().joined(
        separator: "\n"))
    #expect(phases.allSatisfy { $0.0.hasPrefix(header) })
    let (between, cutter) = try cut(text, .between("mark-probe", "mark-start"))
    #expect(cutter.events == phases[0].1.events + 1)
    #expect(between.hasPrefix(phases[0].0))
    #expect(cutter.hasStarted && cutter.hasEnded)
  }

  @Test("says which mark was not met")
  func missing() throws {
    let text = Lines.ftrace([Lines.mark, Lines.mapPages])
    #expect(try cut(text, .phase("x")).1.hasStarted == false)
    let (_, cutter) = try cut(text, .between("mark 3:1:60:4:0:4000", "x"))
    #expect(cutter.hasStarted && !cutter.hasEnded)
  }

  @Test("keeps call chains with the event above, losses with the one below, and every byte")
  func companions() throws {
    let a = "dd 345 [000] 1.1: iommu:\(Lines.mapPages)\r\n\tffff iommu_map+0x12\n\n"
    let loss = "CPU:0 [LOST 4 EVENTS]\n"
    let b = "dd 345 [000] 1.2: iommu:\(Lines.unmapPages)\n\tffff \u{e9}+0x1\n\n"
    let broken = "dd 345 [000] 1.25: iommu:map: IOMMU: iova=nothing\n"
    let c = "dd 345 [000] 1.3: iommu:\(Lines.mapPages)"
    let text = a + loss + b + broken + c
    let at = { (tenths: UInt64) in TraceInstant.clock(1_000_000_000 + tenths * 100_000_000) }
    #expect(try cut(text, .times(from: at(1), to: at(1))).0 == a)
    #expect(try cut(text, .times(from: at(2), to: at(2))).0 == loss + b + broken)
    #expect(try cut(text, .times(from: at(3), to: nil)).0 == c)
    #expect(try cut(text, .times(from: nil, to: at(2))).0 == a + loss + b + broken)
    #expect(try cut(text, .times(from: at(4), to: nil)).1.events == 0)
  }
}
