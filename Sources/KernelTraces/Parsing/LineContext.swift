/// What a parser remembers from line to line.
struct LineContext: Sendable {
  var names = KnownEvent.nameTable()
  var devices = NameTable()
  var scatter = TraceScatterList()
  var markText = ""
  var statistics = TraceStatistics()
  /// What the last line was, where it held no event.
  var form = TraceLine.Form.blank
  /// Where the last event's line had what.
  var layout = LineLayout()
  /// Whether a header line only trace-cmd writes has been seen.
  var isTraceCommand = false

  /// Reads the line at `range`; `nil` where it holds no event.
  static func read(
    _ range: Range<Int>, in bytes: Span<UInt8>, _ context: inout LineContext
  ) throws(LineProblem) -> TraceEvent? {
    context.form = .blank
    var cursor = LineCursor(position: range.lowerBound, end: range.upperBound)
    cursor.skipBlanks(in: bytes)
    if cursor.position == cursor.end { return nil }
    if bytes[cursor.position] == UInt8(ascii: "#") {
      context.form = .comment
      context.readComment(cursor, in: bytes)
      return nil
    }
    let prefix: LinePrefix
    do throws(LineProblem) {
      prefix = try LinePrefix.read(range, in: bytes)
    } catch {
      if context.readLoss(cursor, in: bytes) { return nil }
      if context.holdsKnownEvent(range, in: bytes) { throw error }
      context.countForeign()
      return nil
    }
    context.layout = LineLayout(prefix, start: range.lowerBound)
    cursor.position = prefix.bodyStart
    if context.readPerfRecord(cursor, cpu: prefix.cpu, in: bytes) { return nil }
    cursor.skipBlanks(in: bytes)
    let eventStart = cursor.position
    guard let name = readName(&cursor, in: bytes) else {
      // The function tracer's lines are `function <-caller` and have no name of an event.
      let isFunction = cursor.skip(" <-", in: bytes)
      if !isFunction { throw cursor.problem("an event's name and a colon") }
      context.countForeign()
      return nil
    }
    context.layout.setEvent(eventStart, name, body: cursor.position, end: range.upperBound)
    let kind = try context.readBody(name, &cursor, in: bytes)
    context.statistics.events.count(kind)
    if context.statistics.format == nil {
      context.statistics.format =
        prefix.format == .ftrace && context.isTraceCommand ? .traceCommand : prefix.format
    }
    return TraceEvent(
      time: prefix.time, cpu: prefix.cpu, task: prefix.task, line: context.statistics.lines,
      kind: kind)
  }

  /// Passes over an event's name and its colon, and answers the name without the system that perf
  /// writes before it.
  static func readName(_ cursor: inout LineCursor, in bytes: Span<UInt8>) -> Range<Int>? {
    cursor.skipBlanks(in: bytes)
    var start = cursor.position
    while cursor.position < cursor.end, bytes[cursor.position] != .space {
      let next = cursor.position + 1
      if bytes[cursor.position] == UInt8(ascii: ":") {
        if next == cursor.end || bytes[next] == .space {
          let name = start..<cursor.position
          cursor.position = next
          cursor.skipBlanks(in: bytes)
          return name.isEmpty ? nil : name
        }
        start = next
      }
      cursor.position = next
    }
    return nil
  }

  mutating func countForeign() {
    form = .foreign
    statistics.foreignLines += 1
  }

  /// Whether a word of a line without a prefix is a known event's name: then the line is a damaged
  /// event, which must not be passed over in silence.
  private mutating func holdsKnownEvent(_ range: Range<Int>, in bytes: Span<UInt8>) -> Bool {
    if statistics.events.total == 0 { return false }
    var wordStart = range.lowerBound
    for position in range {
      let byte = bytes[position]
      if byte == .space || byte == .tab {
        wordStart = position + 1
      } else if byte == UInt8(ascii: ":") {
        let next = position + 1
        let isWordEnd = next == range.upperBound || bytes[next] == .space
        if isWordEnd, wordStart < position, wordStart > range.lowerBound,
          KnownEvent.all.indices.contains(names.index(of: wordStart..<position, in: bytes))
        {
          return true
        }
        wordStart = next
      }
    }
    return false
  }
}
