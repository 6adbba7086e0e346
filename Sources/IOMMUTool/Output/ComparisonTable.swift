import MachineModel

/// A comparison as a table for people: one line a policy, numbers to the right, units in the head.
enum ComparisonTable {
  /// The table with a line above it that says what was compared, notes below, and line ends.
  ///
  /// A dash stands for what a run cannot tell, `inf` for a window that nothing ends.
  static func text(_ comparison: Comparison) -> String {
    var lines = [
      "machine \(comparison.machine), workload \(comparison.workload), "
        + "relative to \(comparison.reference)",
      "",
    ]
    // Only where somebody counts instructions.
    let isCounted = comparison.rows.contains { $0.instructionsPerIO != nil }
    let columns = columns.filter { isCounted || $0.head != instructions }
    let table = TextTable(
      heads: columns.map(\.head),
      rows: comparison.rows.map { row in columns.map { $0.cell(row) } })
    lines.append(groupLine(columns, table.widths))
    lines += table.lines
    if !comparison.notes.isEmpty { lines += [""] + comparison.notes }
    return lines.joined(separator: "\n") + "\n"
  }

  private struct Column: Sendable {
    let group: String
    let head: String
    let cell: @Sendable (ComparisonRow) -> String
  }

  private static let instructions = "instructions per I/O"

  private static let columns = [
    Column(group: "", head: "policy") { $0.policy },
    Column(group: "", head: "IOPS") { number($0.iops, 0) },
    Column(group: "", head: "relative") { number($0.relative, 3) },
    Column(group: "", head: "published") {
      ($0.publishedIsUpperBound ? "<" : "") + number($0.published, 2)
    },
    Column(group: "invalidations", head: "map") { String($0.invalidations.map) },
    Column(group: "invalidations", head: "unmap") { String($0.invalidations.unmap) },
    Column(group: "invalidations", head: "global") { String($0.invalidations.global) },
    Column(group: "invalidations", head: "per I/O") { number($0.invalidationsPerIO, 3) },
    Column(group: "", head: instructions) { number($0.instructionsPerIO, 1) },
    Column(group: "stale window", head: "max ms") { number($0.staleWindow.maxMilliseconds, 3) },
    Column(group: "stale window", head: "mean ms") { number($0.staleWindow.meanMilliseconds, 3) },
    Column(group: "stale window", head: "page s") { number($0.staleWindow.pageSeconds, 3) },
    Column(group: "latency", head: "p50 us") { number($0.latencyMicroseconds.p50, 1) },
    Column(group: "latency", head: "p99 us") { number($0.latencyMicroseconds.p99, 1) },
    Column(group: "latency", head: "p99.9 us") { number($0.latencyMicroseconds.p999, 1) },
  ]

  private static func number(_ value: Double?, _ decimals: Int) -> String {
    TextTable.number(value, decimals)
  }

  /// The line above the head: each group's name at the left edge of its columns.
  private static func groupLine(_ columns: [Column], _ widths: [Int]) -> String {
    var line = ""
    var group = ""
    var start = 0
    for (index, column) in columns.enumerated() {
      if column.group != group {
        group = column.group
        line += String(repeating: " ", count: start - line.count) + group
      }
      start += widths[index] + TextColumns.gap.count
    }
    return line
  }
}
