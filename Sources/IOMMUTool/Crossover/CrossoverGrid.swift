import MachineModel

/// The border as a picture: what a page costs relative to a trap, against the pages looked at.
///
/// Both axes double from one place to the next. A border of a queue of N entries is where
/// 1 + x·y = N·(1 + x): a straight line as long as a page costs little beside a trap. What visiting
/// a table costs is counted with its pages.
enum CrossoverGrid {
  private static let columns = -16...2
  private static let rows = (8...26).reversed()

  /// The picture's lines, with a mark for each report, `A` for the first.
  static func lines(_ reports: [CrossoverReport]) -> [String] {
    let marks = reports.enumerated().map { index, report in
      Mark(letter: letter(index), place: place(report))
    }
    var lines: [String] = []
    for row in rows {
      var line = left("2^\(row)", 6)
      for column in columns {
        let here = marks.filter { $0.place == (column, row) }
        let cell = here.count > 1 ? "*" : here.first?.letter ?? symbol(column, row)
        line += " " + cell
      }
      lines.append(line)
    }
    let axis = stride(from: columns.lowerBound, through: columns.upperBound, by: 4)
    lines.append(left("", 7) + axis.map { padded("2^\($0)", 8) }.joined().trimmedEnd)
    lines.append("")
    lines.append("  down: the pages that a full refresh looks at; across: a page's cost, in traps")
    let queues = CrossoverReport.queues
    lines.append("  . full pays with a queue of \(queues[0].entries), and any larger one")
    lines.append("  - full pays with one of \(queues[1].entries), but not of \(queues[0].entries)")
    lines.append("  # selective pays with both")
    for (index, report) in reports.enumerated() {
      let place = marks[index].place
      let isAlone = marks.count { $0.place == place } == 1
      lines.append("  \(letter(index)) \(report.machine.name)\(isAlone ? "" : ", at *")")
    }
    return lines
  }

  private struct Mark {
    let letter: String
    let place: (Int, Int)
  }

  private static func letter(_ index: Int) -> String {
    index < 26 ? String(UnicodeScalar(UInt8(65 + index))) : "@"
  }

  /// What holds at 2 to the power `column` traps a page and 2 to the power `row` pages.
  static func symbol(_ column: Int, _ row: Int) -> String {
    let page = power(column)
    let full = 1 + page * power(row)
    let pays = CrossoverReport.queues.map { queue in
      full < Double(CrossoverCheck.unmaps(queue.entries)) * (1 + page)
    }
    return pays[0] ? "." : pays[1] ? "-" : "#"
  }

  /// Where a machine lies, at the edge where it lies outside.
  static func place(_ report: CrossoverReport) -> (Int, Int) {
    let pages = Double(report.prices.globalPages(tables: report.tables))
    return (
      nearest(report.prices.relativePage, in: columns),
      nearest(pages, in: rows.last.map { $0...26 } ?? 8...26)
    )
  }

  /// The exponent of the power of two nearest to `value`, by ratio.
  private static func nearest(_ value: Double, in range: ClosedRange<Int>) -> Int {
    // Half a step in ratio is the square root of two.
    range.first { value < power($0) * 2.0.squareRoot() } ?? range.upperBound
  }

  private static func power(_ exponent: Int) -> Double {
    Double(sign: .plus, exponent: exponent, significand: 1)
  }

  private static func left(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(width - text.count, 0)) + text
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(width - text.count, 0))
  }
}

extension String {
  /// The text without spaces at its end.
  fileprivate var trimmedEnd: String {
    var text = self[...]
    while text.last == " " { text = text.dropLast() }
    return String(text)
  }
}
