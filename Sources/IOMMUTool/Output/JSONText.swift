/// A JSON value that keeps the order of its keys, so that its text is the same byte for byte.
indirect enum JSONText {
  case null
  case boolean(Bool)
  case string(String)
  case integer(UInt64)
  /// A number that is written with fixed decimals, and as `null` where missing or not finite.
  case decimal(Double?, decimals: Int)
  case array([JSONText])
  case object([(key: String, value: JSONText)])

  /// The value as text with two spaces for each level, without a line end behind it.
  var text: String {
    var output = ""
    write(to: &output, indent: "")
    return output
  }

  private func write(to output: inout String, indent: String) {
    let inner = indent + "  "
    switch self {
    case .null: output += "null"
    case .boolean(let value): output += value ? "true" : "false"
    case .string(let string): Self.quote(string, to: &output)
    case .integer(let number): output += String(number)
    case .decimal(let number, let decimals):
      output += number.flatMap { FixedDecimal.text($0, decimals: decimals) } ?? "null"
    case .array(let values):
      if values.isEmpty { return output += "[]" }
      for (index, value) in values.enumerated() {
        output += (index == 0 ? "[\n" : ",\n") + inner
        value.write(to: &output, indent: inner)
      }
      output += "\n\(indent)]"
    case .object(let members):
      if members.isEmpty { return output += "{}" }
      for (index, member) in members.enumerated() {
        output += (index == 0 ? "{\n" : ",\n") + inner
        Self.quote(member.key, to: &output)
        output += ": "
        member.value.write(to: &output, indent: inner)
      }
      output += "\n\(indent)}"
    }
  }

  /// Writes `string` in quotes; RFC 8259, section 7 says what must be escaped.
  private static func quote(_ string: String, to output: inout String) {
    output += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": output += "\\\""
      case "\\": output += "\\\\"
      case "\n": output += "\\n"
      case "\r": output += "\\r"
      case "\t": output += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: output.unicodeScalars.append(scalar)
      }
    }
    output += "\""
  }
}
