/// Rows of cells as lines of text: the first column to the left, all others to the right.
enum TextColumns {
  /// The lines, with two blanks between columns and none behind the last.
  static func lines(_ rows: [[String]]) -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        line += column == 0 ? cell + padding : "  " + padding + cell
      }
      return line.last == " " ? String(line.reversed().drop { $0 == " " }.reversed()) : line
    }
  }
}
