/// Chooses the lines of a part of a trace and leaves each as it is, byte for byte.
///
///     var cutter = TraceCutter(.phase("mark-start"))
///     try await TraceFile.readLines(path) { line, parser in
///       cutter.take(line, from: parser, into: &output)
///     }
///     cutter.finish(into: &output)
///
/// The header always stays. A line without an event goes with an event: a comment or a report of
/// losses with the one after it, anything else, such as a call chain, with the one before.
public struct TraceCutter: Sendable {
  /// Which part is chosen.
  public let extent: TraceExtent
  /// The events written.
  public private(set) var events = 0
  /// The first texts of marks met, at most `marksMax`, so that a wrong one can be answered.
  public private(set) var marks: [String] = []
  /// Whether the mark that starts the part was met; `true` where none is needed.
  public private(set) var hasStarted: Bool
  /// Whether the mark that ends the part was met; `true` where none is needed.
  public private(set) var hasEnded: Bool
  /// The first event's time in nanoseconds.
  public private(set) var timeFirst: UInt64?
  /// The highest time of an event in nanoseconds.
  public private(set) var timeLast: UInt64 = 0

  /// How many texts `marks` keeps.
  public static let marksMax = 64

  private var isInside = false
  /// Lines that go with the next event.
  private var leading: [UInt8] = []

  /// A cutter at the start of a trace.
  public init(_ extent: TraceExtent) {
    self.extent = extent
    if case .times = extent { hasStarted = true } else { hasStarted = false }
    if case .between = extent { hasEnded = false } else { hasEnded = true }
  }

  /// Takes in the line that `parser` gave last, and adds it to `output` if it belongs there.
  ///
  /// Complexity: O(n) in the line's bytes.
  public mutating func take(
    _ line: TraceLine, from parser: borrowing TraceParser, into output: inout [UInt8]
  ) {
    switch line {
    case .event(let event):
      isInside = includes(event, markText: event.isMark ? parser.markText : nil)
      timeFirst = timeFirst ?? event.time
      timeLast = max(timeLast, event.time)
      if isInside {
        output.append(contentsOf: leading)
        parser.appendLine(to: &output)
        events += 1
      }
      leading.removeAll(keepingCapacity: true)
    case .without(let form): take(form, from: parser, into: &output)
    }
  }

  private mutating func take(
    _ form: TraceLine.Form, from parser: borrowing TraceParser, into output: inout [UInt8]
  ) {
    let isHeader = timeFirst == nil && [.comment, .header, .blank].contains(form)
    let leads: Bool
    switch form {
    case .comment, .header, .loss: leads = true
    case .blank, .foreign, .malformed: leads = false
    }
    if isHeader {
      parser.appendLine(to: &output)
    } else if leads || !leading.isEmpty {
      parser.appendLine(to: &leading)
    } else if isInside {
      parser.appendLine(to: &output)
    }
  }

  /// Ends the trace: lines that wait for another event go with the last one.
  public mutating func finish(into output: inout [UInt8]) {
    if isInside { output.append(contentsOf: leading) }
    leading.removeAll()
  }

  private mutating func includes(_ event: TraceEvent, markText: String?) -> Bool {
    if let markText, marks.count < Self.marksMax { marks.append(markText) }
    switch extent {
    case .times(let from, let to):
      let start = timeFirst ?? event.time
      return (from?.isAtOrBefore(event.time, start: start) ?? true)
        && (to?.isAtOrAfter(event.time, start: start) ?? true)
    case .phase(let mark):
      if !hasStarted, markText == mark {
        hasStarted = true
        return true
      }
      return isInside && markText == nil
    case .between(let first, let second):
      if !hasStarted {
        hasStarted = markText == first
        return hasStarted
      }
      if hasEnded { return false }
      hasEnded = markText == second
      return true
    }
  }
}

extension TraceEvent {
  fileprivate var isMark: Bool {
    if case .mark = kind { true } else { false }
  }
}

extension TraceInstant {
  /// Whether `time` is here or later, in a trace that begins at `start`.
  fileprivate func isAtOrBefore(_ time: UInt64, start: UInt64) -> Bool {
    switch self {
    case .clock(let instant): instant <= time
    // A trace can go back behind its first event, where nothing is so long after it.
    case .sinceStart(let nanoseconds):
      nanoseconds == 0 || (time >= start && time - start >= nanoseconds)
    }
  }

  /// Whether `time` is here or earlier, in a trace that begins at `start`.
  fileprivate func isAtOrAfter(_ time: UInt64, start: UInt64) -> Bool {
    switch self {
    case .clock(let instant): time <= instant
    case .sinceStart(let nanoseconds): time < start || time - start <= nanoseconds
    }
  }
}
