import IOMMU
import MachineModel

/// What `fuzz` was asked for.
struct FuzzRequest: Sendable {
  /// The first seed, and what all seeds have in common.
  var options: SimulationOptions
  /// The number of seeds; `nil` where the time decides.
  var seeds: UInt64?
  /// How long to go on.
  var seconds: UInt64?
  /// How many run side by side; `nil` for one a processor.
  var jobs: Int?
}

/// What `fuzz` found.
struct FuzzOutcome: Sendable {
  /// What was done by all seeds up to the first that failed.
  var report = SimulationReport()
  /// The first seed that failed.
  var failure: FuzzFailure?
  /// How long it took, in seconds.
  var seconds: Double = 0

  /// Operations in a second of the run.
  var rate: Double { seconds > 0 ? Double(report.operations) / seconds : 0 }
}

/// A failure and how to see it again.
struct FuzzFailure: Sendable {
  /// What was found.
  var failure: SimulationFailure
  /// A command that repeats the run up to there.
  var replay: String
  /// A command that repeats as little as is needed.
  var shrunk: String
  /// The last operations of the shrunk run, in words.
  var story: [String]
}

/// Numbers of operations on the command line: `3,17-20`.
enum StepRanges {
  static func parse(_ text: String) throws(ToolError) -> [ClosedRange<Int>] {
    var ranges: [ClosedRange<Int>] = []
    if text == "none" { return ranges }
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2,
        first >= 0, first <= last, first > (ranges.last?.upperBound ?? -1)
      else {
        throw .usage(
          "--only '\(text)': expected 'none', or rising numbers and ranges as in 3,17-20; "
            + "found '\(part)'")
      }
      ranges.append(first...last)
    }
    return ranges
  }

  static func text(_ ranges: [ClosedRange<Int>]) -> String {
    if ranges.isEmpty { return "none" }
    return ranges.map {
      $0.lowerBound == $0.upperBound ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
    }.joined(separator: ",")
  }
}

extension SimulationOptions {
  /// The command that repeats this run.
  var commandLine: String {
    var line = "iommu fuzz --seed \(seed) --seeds 1 --operations \(operations)"
    if !policies.isEmpty {
      line += " --policy " + policies.map { PolicySpelling.spelling(of: $0) }.joined(separator: " ")
    }
    let kinds = SimulatedKind.allCases.filter { without.contains($0) }
    if !kinds.isEmpty { line += " --without " + kinds.map(\.name).joined(separator: " ") }
    if let only { line += " --only " + StepRanges.text(only) }
    if let bug { line += " --plant \(bug.rawValue)" }
    return line
  }
}
