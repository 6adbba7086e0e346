import KernelTraces
import Testing

@Suite("Errors of the parser")
struct ErrorTests {
  private func error(_ text: String) -> TraceError? {
    do throws(TraceError) {
      _ = try Lines.events(text)
      return nil
    } catch {
      return error
    }
  }

  /// A damaged field: what is written in a line's body, what is put there, and at which byte of
  /// what is put there the line stops making sense.
  struct Damage: Sendable {
    var body: String
    var part: String
    var replacement: String
    var offset: Int
    var expected: String
  }

  private static let damages = [
    Damage(
      body: Lines.mapPages, part: "iova=0x000000013ffff000", replacement: "iova=0xzz", offset: 7,
      expected: "a hexadecimal number"),
    Damage(
      body: Lines.mapPages, part: "paddr=", replacement: "praddr=", offset: 0,
      expected: "'paddr='"),
    Damage(
      body: Lines.mapPages, part: "- 0x0000000140000000", replacement: "- 0x000000013ffff000",
      offset: 2, expected: "an end above the start"),
    Damage(
      body: Lines.mapPages, part: "size=4096", replacement: "size=40", offset: 5,
      expected: "the range's size, 4096"),
    Damage(
      body: Lines.unmapPages, part: "unmapped_size=4096", replacement: "unmapped_size=x",
      offset: 14,
      expected: "a number"),
    Damage(
      body: Lines.mapCall, part: "dir=0x2", replacement: "dir=0x9", offset: 4,
      expected: "a direction from 0 to 3"),
    Damage(
      body: Lines.mapCall, part: "0x258)", replacement: "0x258", offset: 53, expected: "')'"),
    Damage(
      body: Lines.refresh, part: "range=0x1000", replacement: "range=0x11112222333344445",
      offset: 8,
      expected: "a hexadecimal number of at most 64 bits"),
    Damage(
      body: Lines.mapList, part: "nents=2", replacement: "nents=99999999999999999999", offset: 6,
      expected: "a number of at most 64 bits"),
    Damage(
      body: Lines.mapList, part: "nents=2", replacement: "nents=2z", offset: 7,
      expected: "the number to end"),
    Damage(
      body: Lines.dmaMap, part: "TO_DEVICE", replacement: "UP", offset: 0,
      expected: "TO_DEVICE, FROM_DEVICE, BIDIRECTIONAL or NONE"),
    Damage(
      body: Lines.dmaMapList, part: "{0x3000}", replacement: "{0x3000,0x1}", offset: 12,
      expected: "as many sizes as addresses, 1"),
    Damage(
      body: Lines.dmaMapList, part: "{0xff86c000}", replacement: "{0xff86c000", offset: 12,
      expected: "'}'"),
    Damage(
      body: Lines.flushRange, part: "-0xfffbcfff", replacement: "-0xfffbb000", offset: 1,
      expected: "a last byte at or above the first"),
    Damage(
      body: Lines.submission, part: "dmar0:", replacement: "dmar0", offset: 5, expected: "':'"),
  ]

  @Test("tell file, line, column and what was expected", arguments: damages)
  func damagedField(_ damage: Damage) throws {
    let good = Lines.ftrace(damage.body)
    let place = try #require(good.firstRange(of: damage.part)?.lowerBound)
    let column = good.distance(from: good.startIndex, to: place) + damage.offset + 1
    let bad = good.replacing(damage.part, with: damage.replacement, maxReplacements: 1)
    let found = try #require(error(good + bad + good))
    #expect(
      found
        == TraceError(
          file: "text", line: 2, column: column, problem: .malformed(expected: damage.expected)))
    #expect(found.description == "text:2:\(column): expected \(damage.expected)")
    #expect(found.exitCode == 65)
  }

  @Test("a known event behind a damaged prefix is not passed over")
  func damagedPrefix() throws {
    let good = Lines.ftrace(Lines.mapPages)
    let bad = good.replacing("[000]", with: "[0x0z]")
    let found = try #require(error(good + bad))
    #expect(found.line == 2)
    #expect(found.column == 30)
    let other = good.replacing("[000]", with: "[0x0z]").replacing("map:", with: "sched_wakeup:")
    #expect(error(good + other) == nil)
  }

  @Test("a last line that was cut off is an error wherever it is cut", arguments: Lines.all)
  func truncated(_ body: String) throws {
    let good = Lines.ftrace(Lines.mapPages)
    let line = Lines.ftrace(body)
    let bodyStart = line.count - 1 - body.count
    // Up to its first field the line must fail; after it, what is missing is not always known.
    var length = bodyStart
    if let field = body.firstRange(of: "=") {
      length += body.distance(from: body.startIndex, to: field.lowerBound)
    }
    for count in 20..<length {
      let found = error(good + line.prefix(count))
      guard let found, case .truncated = found.problem else {
        Issue.record("\(count) bytes are accepted: \(String(describing: found))")
        return
      }
      #expect(found.line == 2)
    }
  }

  @Test("a last line that lacks only its end is accepted")
  func noFinalLineFeed() throws {
    let text = Lines.ftrace(Lines.mapPages) + Lines.ftrace(Lines.unmapPages).dropLast()
    #expect(try Lines.events(text).count == 2)
  }

  @Test("an empty file, headers alone, binary and other text are told apart")
  func notATrace() throws {
    #expect(error("")?.problem == .empty)
    #expect(error("# tracer: nop\n#\n")?.problem == .notATrace(reason: "no line is an event"))
    let binary = try #require(error("abc\0def\n"))
    #expect(binary.problem == .notATrace(reason: "the file is binary"))
    #expect((binary.line, binary.column) == (1, 4))
    let prose = String(repeating: "It was a dark and stormy night: the rain fell.\n", count: 300)
    let foreign = try #require(error(prose))
    #expect(
      foreign.problem == .notATrace(reason: "none of the first 200 lines is an event"))
    #expect(foreign.line == 200)
    #expect(error("hello\n")?.problem == .notATrace(reason: "no line is an event"))
  }

  @Test("a line without end does not fill the memory")
  func endlessLine() throws {
    var parser = TraceParser(file: "text")
    let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 16)
    var appended = 0
    do throws(TraceError) {
      while appended < 1 << 24 {
        parser.append(chunk)
        appended += chunk.count
        _ = try parser.next()
      }
      Issue.record("accepted")
    } catch {
      #expect(error.column == TraceParser.lineLengthMax + 1)
      #expect(appended <= TraceParser.lineLengthMax + 2 * chunk.count)
    }
  }

  @Test("malformed lines can be counted, and the first is kept")
  func countAndContinue() throws {
    let good = Lines.ftrace(Lines.mapPages)
    let bad = good.replacing("paddr", with: "pAddr")
    var parser = TraceParser(file: "text", onMalformedLine: .countAndContinue)
    let events = try Lines.events(good + bad + good + bad + good, &parser)
    #expect(events.map(\.line) == [1, 3, 5])
    #expect(parser.statistics.malformedLines == 2)
    #expect(parser.statistics.firstMalformed?.line == 2)
  }
}
