/// What to do with a line that has the form of a known event but does not parse.
public enum MalformedLinePolicy: Sendable {
  /// Stops with an error: for a replay, which would be wrong with an event missing.
  case stop
  /// Passes over the line, counts it, and keeps the first one for the report.
  case countAndContinue
}

/// A parser of kernel traces that takes bytes and gives events.
///
///     var parser = TraceParser(file: "boot.ftrace")
///     parser.append(bytes)
///     parser.finish()
///     while let event = try parser.next() { print(event.time, event.kind) }
///
/// It keeps one line and the chunk that was appended last, never the whole trace. `next()` answers
/// `nil` when more bytes are needed. No input makes it trap.
public struct TraceParser: Sendable {
  /// The longest line that is accepted, in bytes.
  public static let lineLengthMax = 1 << 20
  /// How many lines without an event are read before a file counts as something else.
  public static let foreignLinesMax = 200

  /// The file as errors name it.
  public let file: String
  /// What happens on malformed lines.
  public let policy: MalformedLinePolicy

  var buffer: [UInt8] = []
  /// The first byte of the next line.
  private var lineStart = 0
  /// Up to here, no line ends.
  private var scanned = 0
  /// The line that was read last, with its end.
  private var lineLast = 0..<0
  private var isFinished = false
  private var hasBytes = false
  var context = LineContext()

  /// A parser at the start of `file`, which is only named and not opened.
  public init(file: String, onMalformedLine policy: MalformedLinePolicy = .stop) {
    self.file = file
    self.policy = policy
  }

  /// What has been seen so far.
  public var statistics: TraceStatistics { context.statistics }

  /// The list of the scatter-gather event that `next()` gave last.
  public var scatter: TraceScatterList { context.scatter }

  /// The text of the mark that `next()` gave last.
  public var markText: String { context.markText }

  /// The name of an event.
  public func text(of event: TraceEvent.EventName) -> String { context.names.text(event.index) }

  /// The name of a device.
  public func text(of device: TraceDevice) -> String { context.devices.text(device.index) }

  /// Says that no bytes follow.
  public mutating func finish() {
    isFinished = true
  }

  /// Removes the lines already read, so that bytes can be appended.
  mutating func prepareToAppend() {
    buffer.removeFirst(lineStart)
    scanned -= lineStart
    lineStart = 0
    lineLast = 0..<0
  }

  /// The next event, or `nil` where more bytes are needed or, after `finish()`, at the end.
  ///
  /// Complexity: O(n) in the bytes of the lines read. Throws: `TraceError` for a malformed line as
  /// the policy says, for a file that is no trace, and at the end for an empty file; a malformed
  /// line is passed over by the call that follows.
  public mutating func next() throws(TraceError) -> TraceEvent? {
    while let line = try nextLine() {
      if case .event(let event) = line { return event }
    }
    return nil
  }

  /// The next line of any kind, or `nil` as for `next()`.
  ///
  /// `appendLine(to:)` gives its bytes until more are appended to the parser. Complexity and
  /// errors: as for `next()`.
  public mutating func nextLine() throws(TraceError) -> TraceLine? {
    let isTerminated = findLineEnd()
    if !isTerminated {
      if scanned - lineStart > Self.lineLengthMax { throw lineTooLong() }
      if !isFinished { return nil }
      if lineStart == buffer.count {
        try checkEnd()
        return nil
      }
    }
    var range = lineStart..<scanned
    hasBytes = true
    lineStart = isTerminated ? scanned + 1 : scanned
    scanned = lineStart
    lineLast = range.lowerBound..<lineStart
    if let last = range.last, buffer[last] == UInt8(ascii: "\r") {
      range = range.lowerBound..<last
    }
    context.statistics.lines += 1
    return try read(range, isTerminated: isTerminated)
  }

  /// Adds the bytes of the line that was read last, with its end where it has one.
  public func appendLine(to output: inout [UInt8]) {
    output.append(contentsOf: buffer[lineLast])
  }

  private mutating func read(
    _ range: Range<Int>, isTerminated: Bool
  ) throws(TraceError) -> TraceLine {
    do throws(LineProblem) {
      if let event = try Self.read(range, of: buffer, &context) { return .event(event) }
      if !isTerminated, context.form == .foreign, context.statistics.events.total > 0 {
        throw LineProblem(position: range.upperBound, expected: "an event line and its end")
      }
    } catch {
      let problem: TraceError.Problem =
        isTerminated
        ? .malformed(expected: error.expected) : .truncated(expected: error.expected)
      let failure = TraceError(
        file: file, line: context.statistics.lines,
        column: error.position - range.lowerBound + 1, problem: problem)
      if policy == .stop { throw failure }
      context.statistics.malformedLines += 1
      if context.statistics.firstMalformed == nil { context.statistics.firstMalformed = failure }
      if !isTerminated { context.statistics.truncation = failure }
      return .without(.malformed)
    }
    if context.form == .foreign, context.statistics.events.total == 0 {
      try checkForeign(range)
    }
    return .without(context.form)
  }

  /// Moves `scanned` to the end of the line; `false` where the buffer ends first.
  private mutating func findLineEnd() -> Bool {
    let position = Self.lineFeed(in: buffer, from: scanned)
    scanned = position
    return position < buffer.count
  }

  /// The place of the next line feed, or the end.
  ///
  /// Static, because a span of a stored property keeps the whole parser from changing.
  private static func lineFeed(in buffer: [UInt8], from start: Int) -> Int {
    let bytes = buffer.span
    var position = start
    while position < bytes.count, bytes[position] != .lineFeed { position += 1 }
    return position
  }

  private static func read(
    _ range: Range<Int>, of buffer: [UInt8], _ context: inout LineContext
  ) throws(LineProblem) -> TraceEvent? {
    try LineContext.read(range, in: buffer.span, &context)
  }

  private func lineTooLong() -> TraceError {
    let problem: TraceError.Problem =
      context.statistics.events.total == 0
      ? .notATrace(reason: "a line is longer than \(Self.lineLengthMax) bytes")
      : .malformed(expected: "a line of at most \(Self.lineLengthMax) bytes")
    return TraceError(
      file: file, line: context.statistics.lines + 1, column: Self.lineLengthMax + 1,
      problem: problem)
  }

  /// Gives up on a file whose first lines hold no event.
  private func checkForeign(_ range: Range<Int>) throws(TraceError) {
    let line = context.statistics.lines
    if let zero = range.first(where: { buffer[$0] == 0 }) {
      throw TraceError(
        file: file, line: line, column: zero - range.lowerBound + 1,
        problem: .notATrace(reason: "the file is binary"))
    }
    if context.statistics.foreignLines >= Self.foreignLinesMax {
      throw TraceError(
        file: file, line: line, column: 0,
        problem: .notATrace(
          reason: "none of the first \(context.statistics.foreignLines) lines is an event"))
    }
  }

  /// Gives up on a file that ended without an event.
  private func checkEnd() throws(TraceError) {
    if context.statistics.events.total > 0 { return }
    // With damaged events alone, the first of them says more than that there is none.
    if let first = context.statistics.firstMalformed { throw first }
    throw TraceError(
      file: file, line: 0, column: 0,
      problem: hasBytes ? .notATrace(reason: "no line is an event") : .empty)
  }
}
