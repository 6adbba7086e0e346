/// Columns for people, as ``TextColumns`` aligns them, below heads and a rule.
struct TextTable {
  /// The heads of the columns.
  var heads: [String]
  /// The cells of each line, as many as there are heads.
  var rows: [[String]] = []

  /// Whether the last column goes to the left.
  var lastIsText = false

  /// The width of each column.
  var widths: [Int] { TextColumns.widths([heads] + rows) }

  /// The lines, without ends: head, rule, rows.
  var lines: [String] {
    let rule = widths.map { String(repeating: "-", count: $0) }
    return TextColumns.lines([heads, rule] + rows, lastIsText: lastIsText)
  }

  /// A number with fixed decimals; a dash for none, `inf` for one without bound.
  static func number(_ value: Double?, _ decimals: Int) -> String {
    guard let value else { return "-" }
    return FixedDecimal.text(value, decimals: decimals) ?? (value.isNaN ? "-" : "inf")
  }

  /// A number with a comma before each three digits.
  static func grouped(_ value: UInt64) -> String {
    var text = ""
    for (index, digit) in String(value).reversed().enumerated() {
      if index > 0 && index % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return String(text.reversed())
  }
}
