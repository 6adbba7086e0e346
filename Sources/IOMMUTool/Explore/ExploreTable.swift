import InterleavingExplorer

/// What exploring came to, for people.
enum ExploreTable {
  /// A line for each scenario, a sum, and each violation with its schedule.
  static func text(_ results: [ExploreRunner.Result]) -> String {
    var table = TextTable(
      heads: ["scenario", "tasks", "schedules", "most steps", "preemptions", "result"],
      lastIsText: true)
    for result in results {
      let report = result.report
      table.rows.append([
        result.scenario.name, String(report.tasks.count), TextTable.grouped(report.schedules),
        String(report.longestSteps), preemptions(report), verdict(report),
      ])
    }
    let schedules = results.reduce(0) { $0 + $1.report.schedules }
    let found = results.reduce(0) { $0 + $1.report.violations.count }
    var text = table.lines.joined(separator: "\n") + "\n\n"
    text += "\(TextTable.grouped(schedules)) schedules, "
    text += found == 0 ? "no violation\n" : "\(found) violation\(found == 1 ? "" : "s")\n"
    for result in results {
      for violation in result.report.violations { text += "\n" + describe(violation, of: result) }
    }
    return text
  }

  /// Why the tool exits 1; `nil` where nothing was violated.
  static func failure(_ results: [ExploreRunner.Result]) -> String? {
    let violated = results.filter { !$0.report.violations.isEmpty }
    guard let first = violated.first, let violation = first.report.violations.first else {
      return nil
    }
    let others = violated.count > 1 ? ", and \(violated.count - 1) more" : ""
    return "\(first.scenario.name): \(violation.checker): \(violation.message)\(others)"
  }

  private static func preemptions(_ report: Report) -> String {
    if let number = report.preemptions { return "\(number)" }
    // Drawn and repeated schedules have any number; a search that was cut short covered none.
    return report.isSearch ? "-" : "any"
  }

  private static func verdict(_ report: Report) -> String {
    if let violation = report.violations.first { return "VIOLATION: \(violation.checker)" }
    return report.isExhaustive ? "holds, exhaustive" : "nothing found"
  }

  private static func describe(_ violation: Finding, of result: ExploreRunner.Result) -> String {
    var text = "\(result.scenario.name): \(violation.checker): \(violation.message)\n"
    text += "  checks: \(result.scenario.checks)\n"
    text += "  the shortest schedule found, \(violation.schedule.count) steps:\n"
    let rows = violation.schedule.enumerated().map { index, step in
      ["\(index + 1)", step.task, step.what]
    }
    let widths = TextColumns.widths(rows)
    for row in rows {
      let number = String(repeating: " ", count: widths[0] - row[0].count) + row[0]
      let task = row[1] + String(repeating: " ", count: widths[1] - row[1].count)
      text += "    \(number)  \(task)  \(row[2])\n"
    }
    return text + "  repeat it: iommu explore --replay '\(violation.replay)'\n"
  }
}
