/// One key of a machine file: where it stands, what may stand behind it, and where that goes.
struct MachineKey: Sendable {
  /// The names from the top of the file, with points between: `rpcit.trap`.
  let path: String

  /// Puts the text into the file's value, or says why it cannot.
  let read: @Sendable (SpellingPiece, inout MachineFile) throws(SpellingError) -> Void

  typealias Field<Value> = any WritableKeyPath<MachineFile, Value> & Sendable

  /// A text of at least one character.
  static func text(_ path: String, _ field: Field<String>) -> MachineKey {
    MachineKey(path: path) { (piece, file) throws(SpellingError) in
      if piece.text.isEmpty {
        throw SpellingError(column: piece.column, "expected a text, found nothing")
      }
      file[keyPath: field] = String(piece.text)
    }
  }

  /// `true` or `false`.
  static func flag(_ path: String, _ field: Field<Bool>) -> MachineKey {
    MachineKey(path: path) { (piece, file) throws(SpellingError) in
      switch piece.text {
      case "true": file[keyPath: field] = true
      case "false": file[keyPath: field] = false
      default:
        throw SpellingError(
          column: piece.column, "expected true or false, found \(piece.quoted)")
      }
    }
  }

  /// A number of `quantity` within `range`.
  static func number(
    _ path: String, _ quantity: Quantity, _ range: ClosedRange<UInt64>, _ field: Field<UInt64>
  ) -> MachineKey {
    MachineKey(path: path) { (piece, file) throws(SpellingError) in
      file[keyPath: field] = try number(piece, quantity, range)
    }
  }

  /// A number of `quantity` within `range`, or the word `unlimited`.
  static func limit(
    _ path: String, _ quantity: Quantity, _ range: ClosedRange<UInt64>, _ field: Field<UInt64?>
  ) -> MachineKey {
    MachineKey(path: path) { (piece, file) throws(SpellingError) in
      if piece.text == "unlimited" {
        file[keyPath: field] = nil
      } else {
        file[keyPath: field] = try number(piece, quantity, range)
      }
    }
  }

  private static func number(
    _ piece: SpellingPiece, _ quantity: Quantity, _ range: ClosedRange<UInt64>
  ) throws(SpellingError) -> UInt64 {
    let value = try quantity.parse(piece)
    if range.contains(value) { return value }
    let (least, most) = (
      quantity.spelling(of: range.lowerBound), quantity.spelling(of: range.upperBound)
    )
    throw SpellingError(
      column: piece.column, "expected \(least) to \(most), found \(piece.quoted)")
  }
}
