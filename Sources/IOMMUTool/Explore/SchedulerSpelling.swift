import InterleavingExplorer

/// Schedulers as text: `exhaustive:2`, `pct:3,10000`, `random:10000`, `replay:NAME/1x3.2`.
enum SchedulerSpelling {
  /// How a scheduler is spelled, for a usage text.
  static let usage = "exhaustive[:PREEMPTIONS], pct[:DEPTH[,RUNS]], random[:RUNS] or replay:STRING"

  /// The number of runs where none is given.
  static let defaultRuns = 10_000

  /// Reads `text`; `seed` is for those that draw.
  static func scheduler(_ text: String, seed: UInt64) throws(SpellingError) -> Scheduler {
    let (name, rest) = SpellingPiece(Substring(text)).split(before: [":"])
    let values = rest.text.isEmpty ? [] : rest.dropFirst(1).parts(separatedBy: ",")
    switch name.text {
    case "exhaustive":
      try expect(values, atMost: 1)
      return .exhaustive(preemptions: try number(values, 0, in: 0...64) ?? 2)
    case "pct":
      try expect(values, atMost: 2)
      return .pct(
        depth: try number(values, 0, in: 1...64) ?? 3,
        runs: try number(values, 1, in: 1...1_000_000_000) ?? defaultRuns, seed: seed)
    case "random":
      try expect(values, atMost: 1)
      return .random(
        runs: try number(values, 0, in: 1...1_000_000_000) ?? defaultRuns, seed: seed)
    case "replay":
      return .replay(try replay(rest.dropFirst(1)))
    default:
      throw SpellingError(column: name.column, "expected \(usage), not \(name.quoted)")
    }
  }

  /// Reads a replay string.
  static func replay(_ piece: SpellingPiece) throws(SpellingError) -> Replay {
    do throws(ReplayError) {
      return try Replay(parsing: String(piece.text))
    } catch {
      throw SpellingError(column: piece.column, "\(error)")
    }
  }

  private static func expect(
    _ values: [SpellingPiece], atMost count: Int
  ) throws(SpellingError) {
    if values.count > count {
      throw SpellingError(
        column: values[count].column, "expected the end, not \(values[count].quoted)")
    }
  }

  private static func number(
    _ values: [SpellingPiece], _ index: Int, in range: ClosedRange<Int>
  ) throws(SpellingError) -> Int? {
    if index >= values.count { return nil }
    guard let number = Int(values[index].text), range.contains(number) else {
      throw SpellingError(
        column: values[index].column,
        "expected a number from \(range.lowerBound) to \(range.upperBound), "
          + "not \(values[index].quoted)")
    }
    return number
  }
}
