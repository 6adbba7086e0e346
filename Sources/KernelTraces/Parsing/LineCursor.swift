/// What a line should have held at a byte of it.
struct LineProblem: Error {
  /// The byte, counted from the start of the parser's buffer.
  var position: Int
  /// What should have been there.
  var expected: String
}

/// A place in a line that moves on as fields are read.
///
/// The bytes are passed to each call, because a cursor that held them could not be stored.
struct LineCursor {
  /// The next byte to read.
  var position: Int
  /// One past the line's last byte.
  let end: Int

  /// Whether the next byte is `byte`.
  func isAt(_ byte: UInt8, in bytes: Span<UInt8>) -> Bool {
    position < end && bytes[position] == byte
  }

  /// Passes over blanks.
  mutating func skipBlanks(in bytes: Span<UInt8>) {
    while position < end, bytes[position] == .space || bytes[position] == .tab { position += 1 }
  }

  /// Passes over `text`, or stays and answers `false`.
  ///
  /// Always inlined, so that the comparison is with constants where the text is one.
  @inline(__always)
  mutating func skip(_ text: String, in bytes: Span<UInt8>) -> Bool {
    var at = position
    for byte in text.utf8 {
      guard at < end, bytes[at] == byte else { return false }
      at += 1
    }
    position = at
    return true
  }

  /// Passes over blanks and `text`, which must follow.
  @inline(__always)
  mutating func require(_ text: String, in bytes: Span<UInt8>) throws(LineProblem) {
    skipBlanks(in: bytes)
    if !skip(text, in: bytes) { throw problem("'\(text)'") }
  }

  /// Passes over blanks and a word, and answers its bytes.
  mutating func word(_ what: String, in bytes: Span<UInt8>) throws(LineProblem) -> Range<Int> {
    skipBlanks(in: bytes)
    let start = position
    while position < end, bytes[position] != .space, bytes[position] != .tab { position += 1 }
    if start == position { throw problem(what) }
    return start..<position
  }

  /// Passes over a bracketed part with its blanks, such as the address in a probe's line.
  mutating func parenthesis(in bytes: Span<UInt8>) throws(LineProblem) {
    try require("(", in: bytes)
    while position < end, bytes[position] != UInt8(ascii: ")") { position += 1 }
    if position == end { throw problem("')'") }
    position += 1
  }

  /// A number: hexadecimal after `0x`, otherwise decimal.
  mutating func number(in bytes: Span<UInt8>) throws(LineProblem) -> UInt64 {
    if skip("0x", in: bytes) { return try hexadecimal(in: bytes) }
    let start = position
    var value: UInt64 = 0
    while position < end {
      let digit = bytes[position] &- UInt8(ascii: "0")
      if digit > 9 { break }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
      if overflow || carry {
        position = start
        throw problem("a number of at most 64 bits")
      }
      value = sum
      position += 1
    }
    if start == position { throw problem("a number") }
    try requireBoundary(in: bytes)
    return value
  }

  /// A number in hexadecimal, with or without `0x`.
  mutating func hexadecimal(in bytes: Span<UInt8>) throws(LineProblem) -> UInt64 {
    _ = skip("0x", in: bytes)
    let start = position
    var value: UInt64 = 0
    while position < end, let digit = Self.hexadecimalDigit(bytes[position]) {
      if value >> 60 != 0 {
        position = start
        throw problem("a hexadecimal number of at most 64 bits")
      }
      value = value &<< 4 | UInt64(digit)
      position += 1
    }
    if start == position { throw problem("a hexadecimal number") }
    try requireBoundary(in: bytes)
    return value
  }

  /// Passes over blanks, `key` and the number after it.
  @inline(__always)
  mutating func field(_ key: String, in bytes: Span<UInt8>) throws(LineProblem) -> UInt64 {
    try require(key, in: bytes)
    return try number(in: bytes)
  }

  /// A problem at the next byte.
  func problem(_ expected: String) -> LineProblem {
    LineProblem(position: position, expected: expected)
  }

  /// A number that runs into a letter is a damaged line and not a number.
  private func requireBoundary(in bytes: Span<UInt8>) throws(LineProblem) {
    if position == end { return }
    let byte = bytes[position]
    let isLetter = (byte | 0x20) &- UInt8(ascii: "a") < 26
    if isLetter || byte &- UInt8(ascii: "0") < 10 { throw problem("the number to end") }
  }

  private static func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    let digit = byte &- UInt8(ascii: "0")
    if digit < 10 { return digit }
    let letter = (byte | 0x20) &- UInt8(ascii: "a")
    return letter < 6 ? letter &+ 10 : nil
  }
}

extension UInt8 {
  static var space: UInt8 { UInt8(ascii: " ") }
  static var tab: UInt8 { UInt8(ascii: "\t") }
  static var lineFeed: UInt8 { UInt8(ascii: "\n") }
  var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }
}
