import MachineModel

/// A comparison as JSON: the keys and their order are a promise to whoever reads them by program.
enum ComparisonJSON {
  /// The whole document, with a line end.
  ///
  /// Numbers that a run cannot tell, and windows that nothing ends, are `null`.
  /// `malformed` stands there only where lines of a trace were passed over.
  static func text(_ comparison: Comparison) -> String {
    var members: [(key: String, value: JSONText)] = [
      ("machine", .string(comparison.machine)),
      ("workload", .string(comparison.workload)),
      ("reference", .string(comparison.reference)),
    ]
    if let malformed = comparison.malformed { members.append(("malformed", .malformed(malformed))) }
    members.append(("rows", .array(comparison.rows.map(row))))
    return JSONText.object(members).text + "\n"
  }

  private static func row(_ row: ComparisonRow) -> JSONText { .object(members(of: row)) }

  /// The keys and values of one row; `instructionsPerIO` stands there only where it is known.
  static func members(of row: ComparisonRow) -> [(key: String, value: JSONText)] {
    var members: [(key: String, value: JSONText)] = [
      ("policy", .string(row.policy)),
      ("iops", .decimal(row.iops, decimals: 1)),
      ("relative", .decimal(row.relative, decimals: 4)),
      ("published", .decimal(row.published, decimals: 2)),
      (
        "invalidations",
        .object([
          ("map", .integer(row.invalidations.map)),
          ("unmap", .integer(row.invalidations.unmap)),
          ("global", .integer(row.invalidations.global)),
        ])
      ),
      ("invalidationsPerIO", .decimal(row.invalidationsPerIO, decimals: 4)),
    ]
    if let count = row.instructionsPerIO {
      members.append(("instructionsPerIO", .decimal(count, decimals: 1)))
    }
    return members + [
      (
        "staleWindow",
        .object([
          ("maxMilliseconds", .decimal(row.staleWindow.maxMilliseconds, decimals: 3)),
          ("meanMilliseconds", .decimal(row.staleWindow.meanMilliseconds, decimals: 3)),
          ("pageSeconds", .decimal(row.staleWindow.pageSeconds, decimals: 3)),
        ])
      ),
      (
        "latencyMicroseconds",
        .object([
          ("p50", .decimal(row.latencyMicroseconds.p50, decimals: 3)),
          ("p99", .decimal(row.latencyMicroseconds.p99, decimals: 3)),
          ("p999", .decimal(row.latencyMicroseconds.p999, decimals: 3)),
        ])
      ),
    ]
  }
}
