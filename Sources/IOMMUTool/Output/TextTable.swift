/// Aligned columns for people: the first to the left, all others to the right.
struct TextTable {
  /// The heads of the columns.
  var heads: [String]
  /// The cells of each line, as many as there are heads.
  var rows: [[String]] = []

  /// The lines, without ends: head, rule, rows.
  var lines: [String] {
    let widths = heads.indices.map { column in
      max(heads[column].count, rows.map { $0[column].count }.max() ?? 0)
    }
    let rule = widths.map { String(repeating: "-", count: $0) }
    return ([heads, rule] + rows).map { cells in
      cells.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - cells[column].count)
        return column == 0 ? cells[column] + padding : padding + cells[column]
      }.joined(separator: "  ")
    }
  }

  /// A number with fixed decimals; a dash for none, `inf` for one without bound.
  static func number(_ value: Double?, _ decimals: Int) -> String {
    guard let value else { return "-" }
    return FixedDecimal.text(value, decimals: decimals) ?? (value.isNaN ? "-" : "inf")
  }
}
