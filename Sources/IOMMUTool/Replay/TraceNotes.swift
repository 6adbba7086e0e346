import KernelTraces
import MachineModel

/// Lines for people about what is missing from a trace.
enum TraceNotes {
  /// How many lines were passed over and what is wrong with the first; `nil` where none was.
  static func malformed(_ statistics: TraceStatistics) -> String? {
    guard statistics.malformedLines > 0, let first = statistics.firstMalformed else { return nil }
    if statistics.malformedLines == 1 { return "1 malformed line, passed over: \(first)" }
    return "\(statistics.malformedLines) malformed lines, passed over; the first: \(first)"
  }

  /// What the kernel or its tools say that they lost; `nil` where they lost nothing.
  static func lost(_ statistics: TraceStatistics) -> String? {
    let parts = [
      (UInt64(statistics.uncountedLosses), "losses of unknown size"),
      (statistics.lostEvents, "events lost"),
      (statistics.overwrittenEvents, "events overwritten before they were read"),
    ].filter { $0.0 > 0 }
    return parts.isEmpty ? nil : parts.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
  }

  /// Both of these, as far as there is something to say.
  static func all(_ statistics: TraceStatistics) -> [String] {
    [malformed(statistics), lost(statistics)].compactMap { $0 }
  }
}

extension MalformedLines {
  /// The lines that a reader passed over, or `nil` where there is none.
  init?(_ statistics: TraceStatistics) {
    guard statistics.malformedLines > 0, let first = statistics.firstMalformed else { return nil }
    self.init(
      count: statistics.malformedLines, line: first.line, column: first.column,
      problem: "\(first.problem)")
  }
}

extension JSONText {
  /// How many lines were passed over, and the first of them.
  static func malformed(_ lines: MalformedLines?) -> JSONText {
    let first: JSONText =
      lines.map { lines in
        .object([
          ("line", .integer(UInt64(lines.line))), ("column", .integer(UInt64(lines.column))),
          ("problem", .string(lines.problem)),
        ])
      } ?? .null
    return .object([("lines", .integer(UInt64(lines?.count ?? 0))), ("first", first)])
  }
}
