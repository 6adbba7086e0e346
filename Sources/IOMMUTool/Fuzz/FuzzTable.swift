import IOMMU
import MachineModel

/// What `fuzz` did and found, for people.
enum FuzzTable {
  static func text(_ outcome: FuzzOutcome) -> String {
    let report = outcome.report
    var lines = [
      "\(report.seeds) seeds, \(report.operations) operations, \(report.accesses) accesses of "
        + "devices, \(report.instructions) instructions", "",
    ]
    let kinds = SimulatedKind.allCases
    func done(_ kinds: [SimulatedKind]) -> [(String, UInt64)] {
      kinds.map { ($0.name, report.done[$0.rawValue]) }
    }
    lines += block("operations", done(kinds.filter { !$0.isFault }))
    lines += block("faults", done(kinds.filter(\.isFault)))
    lines += block("errors", zip(SimulatedError.allCases, report.errors).map { ($0.rawValue, $1) })
    lines += block("domains", Array(zip(SimulationReport.policyNames, report.policies)))
    lines += block("modifiers", zip(FuzzNames.modifiers, report.modifiers).map { ($0, $1) })
    lines += block("reached", zip(SimulatedMark.allCases, report.marks).map { ($0.rawValue, $1) })
    if let failure = outcome.failure { lines += self.failure(failure) }
    lines.append(outcome.failure == nil ? "No violation." : "")
    lines.append(
      "measured: \(FixedDecimal.text(outcome.rate, decimals: 0) ?? "-") operations per second "
        + "in \(FixedDecimal.text(outcome.seconds, decimals: 1) ?? "-") s")
    return lines.joined(separator: "\n") + "\n"
  }

  /// A head, and below it numbers with their names, three on a line.
  private static func block(_ head: String, _ entries: [(String, UInt64)]) -> [String] {
    let cells = entries.map { name, number in
      let gap = String(repeating: " ", count: max(26 - name.count, 1))
      let digits = String(number)
      return name + gap + String(repeating: " ", count: max(9 - digits.count, 0)) + digits
    }
    let rows = stride(from: 0, to: cells.count, by: 3).map { start in
      "  " + cells[start..<min(start + 3, cells.count)].joined(separator: "   ")
    }
    return [head] + rows + [""]
  }

  private static func failure(_ found: FuzzFailure) -> [String] {
    let failure = found.failure
    return [
      "VIOLATION by seed \(failure.seed), operation \(failure.step) (\(failure.kind.name)): "
        + "\(failure.checker.name)", "  \(failure.message)", "",
      "replay:", "  \(found.replay)", "shrunk:", "  \(found.shrunk)", "",
      "the last operations of the shrunk run:",
    ] + found.story.map { "  \($0)" } + [""]
  }
}

/// Names that both forms of the result have.
enum FuzzNames {
  /// The sets of modifiers, by their raw values.
  static let modifiers = (0..<8).map { bits in
    let names = PolicySpelling.modifiers.filter { Int($0.modifier.rawValue) & bits != 0 }
      .map(\.name)
    return names.isEmpty ? "none" : names.joined(separator: "+")
  }
}
