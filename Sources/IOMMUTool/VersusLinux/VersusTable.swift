import MachineModel

/// Linux and this stack side by side, as text for people.
enum VersusTable {
  /// A table for each workload, and what has to be known to read them.
  static func text(_ report: VersusReport) -> String {
    // One table for all, so that columns are below each other.
    var rows: [[String]] = []
    for part in report.parts { rows += part.rows.map(cells) }
    let lines = TextTable(heads: heads, rows: rows).lines
    var next = 2
    var text: [String] = []
    for part in report.parts {
      text += [part.workload.summary, lines[0], lines[1]]
      text += lines[next..<next + part.rows.count] + [""]
      next += part.rows.count
    }
    return (text + VersusReport.notes).joined(separator: "\n") + "\n"
  }

  private static let heads = [
    "stack", "policy", "map", "unmap", "global", "RPCITs per I/O", "I/Os", "IOPS (information)",
  ]

  private static func cells(_ row: VersusReport.Row) -> [String] {
    let counts = row.invalidations
    return [
      name(row.stack), row.policy, rate(row, counts.map), rate(row, counts.unmap),
      rate(row, counts.global), TextTable.number(row.invalidationsPerIO, 3),
      TextTable.grouped(row.requests), TextTable.number(row.iops, 0),
    ]
  }

  /// Globals are few: what is not none should not look so.
  private static func rate(_ row: VersusReport.Row, _ count: UInt64) -> String {
    let text = TextTable.number(row.perRequest(count), 3)
    return count > 0 && text == "0.000" ? "<0.001" : text
  }

  private static func name(_ stack: VersusReport.Row.Stack) -> String {
    switch stack {
    case .linux(let release, let mode): "Linux \(release), \(mode)"
    case .ours: "this stack"
    }
  }
}
