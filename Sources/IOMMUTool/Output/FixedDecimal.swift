/// Numbers with a fixed count of decimals: the same on every machine and in every locale.
enum FixedDecimal {
  /// `value` rounded to `decimals` places, to even where it lies between; `nil` if not finite.
  ///
  /// From 2 to the 63 on, in the smallest unit asked for, the number is whole anyway at this
  /// precision, and its shortest exact form is used.
  static func text(_ value: Double, decimals: Int) -> String? {
    guard value.isFinite else { return nil }
    var scale = 1
    for _ in 0..<decimals { scale *= 10 }
    let scaled = (value.magnitude * Double(scale)).rounded(.toNearestOrEven)
    guard let whole = Int64(exactly: scaled) else { return value.description }
    let sign = value < 0 && whole > 0 ? "-" : ""
    if decimals == 0 { return "\(sign)\(whole)" }
    let fraction = String(Int64(scale) + whole % Int64(scale)).dropFirst()
    return "\(sign)\(whole / Int64(scale)).\(fraction)"
  }
}
