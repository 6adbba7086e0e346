extension [UInt8] {
  /// Adds a text.
  mutating func append(text: String) {
    append(contentsOf: text.utf8)
  }

  /// Adds a text, and blanks up to a width.
  mutating func append(text: String, paddedTo width: Int) {
    append(text: text)
    append(blanks: width - Swift.min(width, text.utf8.count))
  }

  /// Adds so many blanks.
  mutating func append(blanks count: Int) {
    append(contentsOf: repeatElement(.space, count: count))
  }

  /// Adds a number in decimal.
  mutating func append(decimal value: UInt64) {
    append(decimal: value, digits: 1)
  }

  /// Adds a number in decimal with at least so many digits.
  mutating func append(decimal value: UInt64, digits: Int) {
    let start = count
    var rest = value
    repeat {
      append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0 || count - start < digits
    self[start...].reverse()
  }

  /// Adds an address as JSON text: hexadecimal, because JSON's numbers hold 53 bits for sure.
  mutating func append(address value: UInt64) {
    append(text: "\"0x")
    append(text: String(value, radix: 16))
    append(UInt8(ascii: "\""))
  }

  /// Adds nanoseconds as a number of units that hold `nanoseconds` each, a power of ten, exactly.
  mutating func append(time: UInt64, unit nanoseconds: UInt64) {
    append(decimal: time / nanoseconds)
    var rest = time % nanoseconds
    if rest == 0 { return }
    append(UInt8(ascii: "."))
    var weight = nanoseconds / 10
    while rest > 0 {
      append(UInt8(ascii: "0") + UInt8(rest / weight))
      rest %= weight
      weight = Swift.max(1, weight / 10)
    }
  }

  /// Adds a text in quotes as JSON; RFC 8259, section 7 says what must be escaped.
  mutating func append(json text: String) {
    append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        append(UInt8(ascii: "\\"))
        append(byte)
      case 0..<0x20:
        append(text: "\\u00")
        append(UInt8(ascii: "0") + (byte >> 4))
        append(contentsOf: String(byte & 0xf, radix: 16).utf8)
      default: append(byte)
      }
    }
    append(UInt8(ascii: "\""))
  }

  /// Adds a text as one field of CSV; RFC 4180, section 2 says when it must be quoted.
  mutating func append(csv text: String) {
    let special = text.utf8.contains { byte in
      [UInt8(ascii: "\""), UInt8(ascii: ","), .lineFeed, UInt8(ascii: "\r")].contains(byte)
    }
    if !special { return append(text: text) }
    append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      if byte == UInt8(ascii: "\"") { append(byte) }
      append(byte)
    }
    append(UInt8(ascii: "\""))
  }
}
