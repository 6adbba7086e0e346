import InterleavingExplorer
import InterleavingScenarios

/// What scaling came to, for people.
enum ScaleTable {
  /// The lines that are named for each row.
  static let linesMax = 3

  /// A line for each policy and number of processors, and what they waited for.
  static func text(_ rows: [ScaleRunner.Row], _ request: ScaleRequest) -> String {
    var table = TextTable(
      heads: [
        "policy", "cpus", "pairs/us", "x one", "moves/pair", "most time, ns a pair",
      ], lastIsText: true)
    for row in rows {
      let operations = Double(row.report.operations)
      table.rows.append([
        row.policy.name, String(row.cpus), TextTable.number(row.report.rate / 1e6, 2),
        TextTable.number(row.relative, 2),
        TextTable.number(Double(row.report.transfers) / operations, 3),
        row.report.lines.prefix(linesMax).map { line in
          "\(line.name) \(TextTable.number(Double(line.nanoseconds) / operations, 1))"
        }.joined(separator: ", "),
      ])
    }
    let unmaps =
      request.run.unmapsElsewhere ? "the next processor unmaps" : "the same processor unmaps"
    return """
      \(TextTable.grouped(UInt64(request.run.pairs))) pairs of map and unmap of a page in one \
      domain, \(request.run.depth) out for each processor; \(unmaps)

      \(table.lines.joined(separator: "\n"))

      """
  }
}
