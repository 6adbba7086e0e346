import InterleavingExplorer
import InterleavingScenarios

/// What scaling came to, as JSON: keys and their order are a promise to who reads by program.
enum ScaleJSON {
  /// The whole document, with a line end.
  static func text(_ rows: [ScaleRunner.Row], _ request: ScaleRequest) -> String {
    let run = request.run
    return JSONText.object([
      ("pairs", .integer(UInt64(run.pairs))),
      ("depth", .integer(UInt64(run.depth))),
      ("unmaps", .string(run.unmapsElsewhere ? "next" : "same")),
      (
        "picoseconds",
        .object([
          ("near", .integer(run.prices.near)), ("far", .integer(run.prices.far)),
          ("instruction", .integer(run.prices.instruction)),
        ])
      ),
      ("chip", .integer(UInt64(run.prices.chip))),
      ("rows", .array(rows.map(row))),
    ]).text + "\n"
  }

  private static func row(_ row: ScaleRunner.Row) -> JSONText {
    let operations = Double(row.report.operations)
    return .object([
      ("policy", .string(row.policy.name)),
      ("cpus", .integer(UInt64(row.cpus))),
      ("operationsPerSecond", .decimal(row.report.rate, decimals: 0)),
      ("relative", .decimal(row.relative, decimals: 4)),
      (
        "transfersPerOperation",
        .decimal(Double(row.report.transfers) / operations, decimals: 4)
      ),
      (
        "lines",
        .array(
          row.report.lines.prefix(8).map { line in
            .object([
              ("name", .string(line.name)),
              (
                "transfersPerOperation", .decimal(Double(line.transfers) / operations, decimals: 4)
              ),
              (
                "nanosecondsPerOperation",
                .decimal(Double(line.nanoseconds) / operations, decimals: 3)
              ),
            ])
          })
      ),
    ])
  }
}
