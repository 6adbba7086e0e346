/// A kind of number with units, as a user writes it: reads and prints it exactly.
///
/// A number is digits, optionally a point and more digits, and a unit without a space between.
struct Quantity: Sendable {
  /// A unit and how many of the smallest unit it holds.
  struct Unit: Sendable {
    let name: String
    let factor: UInt64
  }

  /// What is expected, with an example.
  let expectation: String

  /// The units; numbers print in the last that leaves no rest.
  let units: [Unit]

  /// Times in nanoseconds.
  static let time = Quantity(
    expectation: "a time such as 10ms",
    units: [
      Unit(name: "ns", factor: 1), Unit(name: "us", factor: 1_000),
      Unit(name: "ms", factor: 1_000_000), Unit(name: "s", factor: 1_000_000_000),
    ])

  /// Times in picoseconds, for costs below a nanosecond.
  static let cost = Quantity(
    expectation: "a time such as 13us or 0.4ns",
    units: [
      Unit(name: "ps", factor: 1), Unit(name: "ns", factor: 1_000),
      Unit(name: "us", factor: 1_000_000), Unit(name: "ms", factor: 1_000_000_000),
      Unit(name: "s", factor: 1_000_000_000_000),
    ])

  /// Sizes in bytes.
  static let byteCount = Quantity(
    expectation: "a size such as 1GiB",
    units: [
      Unit(name: "B", factor: 1), Unit(name: "KiB", factor: 1 << 10),
      Unit(name: "MiB", factor: 1 << 20), Unit(name: "GiB", factor: 1 << 30),
      Unit(name: "TiB", factor: 1 << 40),
    ])

  /// Parts of a whole in thousandths, as `0.5` or `50%`.
  static let share = Quantity(
    expectation: "a fraction such as 0.5 or 50%",
    units: [Unit(name: "", factor: 1_000), Unit(name: "%", factor: 10)])

  /// Instructions in thousandths.
  static let instructions = Quantity(
    expectation: "a number such as 151 or 2.5", units: [Unit(name: "", factor: 1_000)])

  /// Plain whole numbers.
  static let count = Quantity(
    expectation: "a whole number", units: [Unit(name: "", factor: 1)])

  /// Reads `piece` as a number of the smallest unit.
  func parse(_ piece: SpellingPiece) throws(SpellingError) -> UInt64 {
    let whole = piece.text.prefix(while: Self.isDigit)
    if whole.isEmpty {
      throw SpellingError(column: piece.column, "expected \(expectation), found \(piece.quoted)")
    }
    var rest = piece.dropFirst(whole.count)
    var fraction: Substring = ""
    if rest.text.first == "." {
      fraction = rest.text.dropFirst().prefix(while: Self.isDigit)
      if fraction.isEmpty {
        throw SpellingError(column: rest.column + 1, "expected digits after the point")
      }
      rest = rest.dropFirst(1 + fraction.count)
    }
    guard let unit = units.first(where: { $0.name == rest.text }) else {
      throw SpellingError(column: rest.column, unitMessage(found: rest))
    }
    return try value(whole: whole, fraction: fraction, unit: unit, at: piece.column)
  }

  /// The spelling without a point, in the last unit that leaves no rest.
  func spelling(of value: UInt64) -> String {
    let fitting = units.last { value % $0.factor == 0 && (value > 0 || $0.factor == 1) }
    guard let unit = fitting ?? units.first else { return String(value) }
    return "\(value / unit.factor)\(unit.name)"
  }

  private func unitMessage(found: SpellingPiece) -> String {
    let names = units.map(\.name).filter { !$0.isEmpty }
    if names.isEmpty { return "expected \(expectation), found \(found.quoted) behind the digits" }
    let list = NearestName.list(names)
    return found.text.isEmpty
      ? "expected a unit behind the number: \(list)"
      : "unknown unit \(found.quoted); expected \(list)"
  }

  private func value(
    whole: Substring, fraction: Substring, unit: Unit, at column: Int
  ) throws(SpellingError) -> UInt64 {
    var digits = fraction
    while digits.last == "0" { digits = digits.dropLast() }
    let tooLarge = SpellingError(column: column, "the number is too large")
    guard let high = UInt64(whole) else { throw tooLarge }
    let (scaled, overflow) = high.multipliedReportingOverflow(by: unit.factor)
    if overflow { throw tooLarge }
    if digits.isEmpty { return scaled }
    // More than 18 digits are refused, because the power of ten would soon not fit 64 bits.
    var scale: UInt64 = 1
    for _ in digits.prefix(18) { scale *= 10 }
    let product = UInt64(digits.prefix(18)).map { $0.multipliedFullWidth(by: unit.factor) }
    guard let product, digits.count <= 18, product.high < scale else {
      throw SpellingError(column: column, "the number has more digits than can be told apart")
    }
    let (part, rest) = scale.dividingFullWidth((product.high, product.low))
    if rest != 0 {
      throw SpellingError(column: column, "the number is finer than \(smallest), the smallest step")
    }
    let (sum, carried) = scaled.addingReportingOverflow(part)
    if carried { throw tooLarge }
    return sum
  }

  private var smallest: String {
    let unit = units.min { $0.factor < $1.factor }
    return unit.map { $0.factor == 1 ? "1\($0.name)" : "0.1\($0.name)" } ?? "1"
  }

  private static func isDigit(_ character: Character) -> Bool {
    character.isASCII && character.isNumber
  }
}
