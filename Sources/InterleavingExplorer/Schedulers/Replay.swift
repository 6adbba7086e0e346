/// So many steps of one task.
public struct ReplaySegment: Sendable, Equatable {
  /// The task's number, from 1, in the order in which the set-up adds them.
  public var task: Int
  /// The number of its steps.
  public var steps: UInt64

  /// A segment.
  public init(task: Int, steps: UInt64) {
    self.task = task
    self.steps = steps
  }
}

/// A schedule that was written down: the same string leads to the same run.
///
/// `lost-update/1.2x2.1` says: one step of the first task, two of the second, one of the first.
/// After its end each task goes on as long as it can, the first that can go on first. It depends on
/// the scenario alone, neither on what a search has learned nor on the reductions.
public struct Replay: Sendable, Equatable, CustomStringConvertible {
  /// The scenario's name.
  public var scenario: String
  /// Who makes how many steps; neighbours name different tasks.
  public var segments: [ReplaySegment]

  /// A schedule; neighbours that name the same task are joined.
  public init(scenario: String, segments: [ReplaySegment]) {
    self.scenario = scenario
    self.segments = Self.joined(segments)
  }

  /// The replay string.
  public var description: String {
    let parts = segments.map { $0.steps == 1 ? "\($0.task)" : "\($0.task)x\($0.steps)" }
    return scenario + "/" + parts.joined(separator: ".")
  }

  static func joined(_ segments: [ReplaySegment]) -> [ReplaySegment] {
    var result: [ReplaySegment] = []
    for segment in segments where segment.steps > 0 {
      if let last = result.last, last.task == segment.task {
        result[result.count - 1].steps += segment.steps
      } else {
        result.append(segment)
      }
    }
    return result
  }
}

/// Why a text is no replay string.
public enum ReplayError: Error, Equatable, CustomStringConvertible {
  /// There is no `/` with a scenario's name before it.
  case noScenario
  /// A segment is not `TASK` or `TASKxSTEPS`; its text, and its column from 1.
  case badSegment(String, column: Int)
  /// A task's number is 0 or too large; its text, and its column from 1.
  case badTask(String, column: Int)
  /// A number of steps is 0 or too large; its text, and its column from 1.
  case badSteps(String, column: Int)

  /// The reason, for a message.
  public var description: String {
    switch self {
    case .noScenario: "a replay string begins with the scenario's name and a slash"
    case .badSegment(let text, let column):
      "column \(column): '\(text)' is neither TASK nor TASKxSTEPS"
    case .badTask(let text, let column):
      "column \(column): task '\(text)' is not from 1 to \(Execution.maximumTasks)"
    case .badSteps(let text, let column):
      "column \(column): '\(text)' steps are not from 1 to \(Replay.maximumSteps)"
    }
  }
}

extension Replay {
  static var maximumSteps: UInt64 { 1_000_000_000 }

  /// The schedule that `text` says.
  ///
  /// Throws: what is wrong with it, and where.
  public init(parsing text: String) throws(ReplayError) {
    guard let slash = text.lastIndex(of: "/"), slash != text.startIndex else {
      throw ReplayError.noScenario
    }
    var segments: [ReplaySegment] = []
    let list = text[text.index(after: slash)...]
    if !list.isEmpty {
      for part in list.split(separator: ".", omittingEmptySubsequences: false) {
        let column = text.distance(from: text.startIndex, to: part.startIndex) + 1
        segments.append(try Self.segment(part, column: column))
      }
    }
    self.init(scenario: String(text[..<slash]), segments: segments)
  }

  private static func segment(
    _ text: Substring, column: Int
  ) throws(ReplayError) -> ReplaySegment {
    let parts = text.split(separator: "x", omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.allSatisfy(isNumber) else {
      throw ReplayError.badSegment(String(text), column: column)
    }
    guard let task = Int(parts[0]), (1...Execution.maximumTasks).contains(task) else {
      throw ReplayError.badTask(String(parts[0]), column: column)
    }
    if parts.count == 1 { return ReplaySegment(task: task, steps: 1) }
    guard let steps = UInt64(parts[1]), steps > 0, steps <= maximumSteps else {
      throw ReplayError.badSteps(
        String(parts[1]), column: column + parts[0].count + 1)
    }
    return ReplaySegment(task: task, steps: steps)
  }

  private static func isNumber(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }
}
