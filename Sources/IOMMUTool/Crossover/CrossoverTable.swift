import MachineModel

/// Borders as text for people.
enum CrossoverTable {
  /// The machines' costs and borders, the picture, the verdicts, and what was simulated.
  static func text(_ reports: [CrossoverReport]) -> String {
    var lines = costs(reports)
    lines += ["", "N unmaps cost N x (trap + page + table) one by one, and"]
    lines += ["trap + page x (pages looked at) + table x (tables in use) all at once:", ""]
    lines += borders(reports)
    lines += ["", "<=: up to which full pays with that queue, inf for any; >=: from which rate on"]
    lines += ["the time-out leaves the queue as many unmaps as full takes to pay", ""]
    lines += CrossoverGrid.lines(reports)
    lines += [""] + reports.map(\.verdict)
    for report in reports {
      if let points = report.points { lines += [""] + check(report, points) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Where simulation and prediction differ, for an error.
  static func disagreement(_ report: CrossoverReport) -> String {
    guard let point = report.points?.first(where: { !$0.holds }) else {
      return "\(report.machine.name): no queue is far enough from the border to be compared"
    }
    return "\(report.machine.name): with a queue of \(point.entries) the prices predict "
      + "\(point.predicted.rawValue), the simulation says \(point.simulated.rawValue) "
      + "(\(TextTable.number(point.simulatedRelative, 3)) of strict)"
  }

  private static func costs(_ reports: [CrossoverReport]) -> [String] {
    let head = [
      "us", "trap", "a page", "a table", "without a table", "refresh of 1", "of 256", "of all",
      "pages looked at", "tables in use",
    ]
    return TextColumns.lines(
      [head]
        + reports.map { report in
          let prices = report.prices
          return [
            report.machine.name, microseconds(prices.trap), microseconds(prices.page),
            microseconds(prices.table), prices.absentTables.rawValue,
            microseconds(prices.range(pages: 1)), microseconds(prices.range(pages: 256)),
            microseconds(prices.global(tables: report.tables)),
            String(prices.globalPages(tables: report.tables)), String(report.tables),
          ]
        })
  }

  private static func borders(_ reports: [CrossoverReport]) -> [String] {
    let head = [
      "", "full pays from", "queue", "is", "aperture MiB <=", "tables <=", "unmaps/s >=",
    ]
    let rows = reports.flatMap { report in
      CrossoverReport.queues.map { queue in
        [
          report.machine.name, number(report.breakEven),
          "\(queue.entries), \(queue.milliseconds) ms", report.side(queue.entries).rawValue,
          bound(report.largestAperture(queue.entries).map { $0 / 256 }),
          bound(report.largestTables(queue.entries)),
          number(report.unmapsPerSecond(queue.milliseconds)),
        ]
      }
    }
    return TextColumns.lines([head] + rows)
  }

  private static func check(
    _ report: CrossoverReport, _ points: [CrossoverCheck.Point]
  ) -> [String] {
    let head = [
      "queue", "predicted", "simulated", "relative to strict: predicted", "simulated",
      "tables a full refresh", "",
    ]
    let rows = points.map { point in
      [
        String(point.entries), point.predicted.rawValue, point.simulated.rawValue,
        TextTable.number(point.predictedRelative, 3), TextTable.number(point.simulatedRelative, 3),
        TextTable.number(point.tables, 1), point.counts ? "holds" : "near",
      ]
    }
    return ["\(report.machine.name), simulated: the border holds, but for queues near it"]
      + TextColumns.lines([head] + rows)
  }

  private static func number(_ value: UInt64?) -> String { value.map { String($0) } ?? "-" }

  private static func bound(_ value: UInt64?) -> String { value.map { String($0) } ?? "inf" }

  private static func microseconds(_ picoseconds: UInt64) -> String {
    TextTable.number(Double(picoseconds) / 1e6, 3)
  }
}
