import MachineModel

/// One key of a machine file: where it stands, what may stand behind it, and where that goes.
struct MachineKey: Sendable {
  /// The names from the top of the file, with points between: `rpcit.trap`.
  let path: String

  /// The name of the field in ``MachineDescription``, as its validation names it.
  let field: String

  /// Puts the text into the description, or says why it cannot.
  let read: @Sendable (SpellingPiece, inout MachineDescription) throws(SpellingError) -> Void

  /// What there is to know of the value where it is a number.
  var number: MachineNumber?

  typealias Target<Value> = any WritableKeyPath<MachineDescription, Value> & Sendable

  /// A text of at least one character.
  static func text(_ path: String, _ field: String, _ target: Target<String>) -> MachineKey {
    MachineKey(path: path, field: field) { (piece, machine) throws(SpellingError) in
      if piece.text.isEmpty {
        throw SpellingError(column: piece.column, "expected a text, found nothing")
      }
      machine[keyPath: target] = String(piece.text)
    }
  }

  /// One of the words that `Value` is written as.
  static func word<Value: RawRepresentable & Sendable>(
    _ path: String, _ field: String, _ values: [Value], _ target: Target<Value>
  ) -> MachineKey where Value.RawValue == String {
    MachineKey(path: path, field: field) { (piece, machine) throws(SpellingError) in
      guard let value = values.first(where: { $0.rawValue == piece.text }) else {
        let list = NearestName.list(values.map(\.rawValue))
        throw SpellingError(column: piece.column, "expected \(list), found \(piece.quoted)")
      }
      machine[keyPath: target] = value
    }
  }

  /// `true` or `false`.
  static func flag(_ path: String, _ field: String, _ target: Target<Bool>) -> MachineKey {
    MachineKey(path: path, field: field) { (piece, machine) throws(SpellingError) in
      if piece.text != "true" && piece.text != "false" {
        throw SpellingError(
          column: piece.column, "expected true or false, found \(piece.quoted)")
      }
      machine[keyPath: target] = piece.text == "true"
    }
  }

  /// A number of `quantity` within `range`.
  static func number<Value: FixedWidthInteger & SendableMetatype>(
    _ path: String, _ field: String, _ quantity: Quantity, _ range: ClosedRange<UInt64>,
    _ target: Target<Value>
  ) -> MachineKey {
    var key = MachineKey(path: path, field: field) { (piece, machine) throws(SpellingError) in
      machine[keyPath: target] = Value(clamping: try number(piece, quantity, range))
    }
    key.number = MachineNumber(
      quantity: quantity, range: range, value: { UInt64(clamping: $0[keyPath: target]) },
      set: { $1[keyPath: target] = Value(clamping: $0) })
    return key
  }

  /// A number of `quantity` within `range`, or the word `unlimited`.
  static func limit(
    _ path: String, _ field: String, _ quantity: Quantity, _ range: ClosedRange<UInt64>,
    _ target: Target<UInt64?>
  ) -> MachineKey {
    var key = MachineKey(path: path, field: field) { (piece, machine) throws(SpellingError) in
      machine[keyPath: target] =
        piece.text == "unlimited" ? nil : try number(piece, quantity, range)
    }
    key.number = MachineNumber(
      quantity: quantity, range: range, value: { $0[keyPath: target] },
      set: { $1[keyPath: target] = $0 })
    return key
  }

  private static func number(
    _ piece: SpellingPiece, _ quantity: Quantity, _ range: ClosedRange<UInt64>
  ) throws(SpellingError) -> UInt64 {
    let value = try quantity.parse(piece)
    if range.contains(value) { return value }
    let least = quantity.spelling(of: range.lowerBound)
    let most = quantity.spelling(of: range.upperBound)
    throw SpellingError(
      column: piece.column, "expected \(least) to \(most), found \(piece.quoted)")
  }
}
