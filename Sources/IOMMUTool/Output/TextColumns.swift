/// Rows of cells as lines of text: the first column to the left, all others to the right.
enum TextColumns {
  /// What stands between two columns.
  static let gap = "  "

  /// The width of each column: that of its longest cell.
  static func widths(_ rows: [[String]]) -> [Int] {
    let columns = rows.map(\.count).max() ?? 0
    return (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
  }

  /// The lines, without blanks at their ends; the last column goes to the left if it is text.
  static func lines(_ rows: [[String]], lastIsText: Bool = false) -> [String] {
    let widths = widths(rows)
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        if column > 0 { line += gap }
        let isText = column == 0 || lastIsText && column == widths.count - 1
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        line += isText ? cell + padding : padding + cell
      }
      return line.last == " " ? String(line.reversed().drop { $0 == " " }.reversed()) : line
    }
  }
}
