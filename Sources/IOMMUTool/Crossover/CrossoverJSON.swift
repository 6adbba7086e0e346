import MachineModel

/// Borders as JSON: the keys and their order are a promise to whoever reads them by program.
enum CrossoverJSON {
  /// The whole document, with a line end.
  static func text(_ reports: [CrossoverReport]) -> String {
    JSONText.object([
      ("tolerance", .integer(CrossoverCheck.tolerance)),
      ("machines", .array(reports.map(machine))),
    ]).text + "\n"
  }

  private static func machine(_ report: CrossoverReport) -> JSONText {
    let prices = report.prices
    return .object([
      ("machine", .string(report.machine.name)),
      ("absentTables", .string(prices.absentTables.rawValue)),
      ("aperturePages", .integer(prices.aperturePages)),
      ("tables", .integer(report.tables)),
      (
        "costsNanoseconds",
        .object([
          ("trap", nanoseconds(prices.trap)), ("page", nanoseconds(prices.page)),
          ("table", nanoseconds(prices.table)),
        ])
      ),
      (
        "refreshNanoseconds",
        .object([
          ("page", nanoseconds(prices.range(pages: 1))),
          ("pages256", nanoseconds(prices.range(pages: 256))),
          ("global", nanoseconds(prices.global(tables: report.tables))),
        ])
      ),
      ("globalPages", .integer(prices.globalPages(tables: report.tables))),
      ("breakEvenUnmaps", number(report.breakEven)),
      ("queues", .array(CrossoverReport.queues.map { queue($0.entries, $0.milliseconds, report) })),
      ("verdict", .string(report.verdict)),
      ("check", report.points.map { check($0, report) } ?? .null),
    ])
  }

  private static func queue(
    _ entries: UInt64, _ milliseconds: UInt64, _ report: CrossoverReport
  ) -> JSONText {
    .object([
      ("entries", .integer(entries)),
      ("side", .string(report.side(entries).rawValue)),
      ("largestAperturePages", number(report.largestAperture(entries))),
      ("largestTables", number(report.largestTables(entries))),
      ("unmapsPerSecond", number(report.unmapsPerSecond(milliseconds))),
    ])
  }

  private static func check(
    _ points: [CrossoverCheck.Point], _ report: CrossoverReport
  ) -> JSONText {
    .object([
      // Where it did not hold, there would be an error in place of a document.
      ("holds", .boolean(report.holds == true)),
      (
        "points",
        .array(
          points.map { point in
            .object([
              ("entries", .integer(UInt64(point.entries))),
              ("predicted", .string(point.predicted.rawValue)),
              ("simulated", .string(point.simulated.rawValue)),
              ("predictedRelative", .decimal(point.predictedRelative, decimals: 4)),
              ("simulatedRelative", .decimal(point.simulatedRelative, decimals: 4)),
              ("counts", .boolean(point.counts)),
              ("globalTables", .decimal(point.tables, decimals: 1)),
            ])
          })
      ),
    ])
  }

  private static func nanoseconds(_ picoseconds: UInt64) -> JSONText {
    .decimal(Double(picoseconds) / 1_000, decimals: 3)
  }

  private static func number(_ value: UInt64?) -> JSONText {
    value.map { .integer($0) } ?? .null
  }
}
