extension Quantity {
  /// The spelling in the greatest unit that is not above `value`, with a point where needed:
  /// 12.5us.
  ///
  /// Exact: reading it gives `value`. Only for quantities whose units are powers of ten.
  func decimalSpelling(of value: UInt64) -> String {
    // What is less than the smallest unit is a fraction of it.
    let fitting = units.filter { $0.factor <= value }.max { $0.factor < $1.factor }
    let smallest = units.min { $0.factor < $1.factor }
    guard let unit = fitting ?? smallest, isDecimal else { return spelling(of: value) }
    let (whole, rest) = value.quotientAndRemainder(dividingBy: unit.factor)
    if rest == 0 { return "\(whole)\(unit.name)" }
    var digits = String(unit.factor + rest).dropFirst()
    while digits.last == "0" { digits = digits.dropLast() }
    return "\(whole).\(digits)\(unit.name)"
  }

  private var isDecimal: Bool {
    units.allSatisfy { unit in
      var factor = unit.factor
      while factor > 1, factor % 10 == 0 { factor /= 10 }
      return factor == 1
    }
  }
}
