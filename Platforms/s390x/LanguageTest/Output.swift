// A writer of lines, since the library's own needs parts of it that do not work on the machine.

/// A value that a line can hold.
protocol Shown {
  func write(to line: inout Line)
}

/// A line of text, written as a whole.
struct Line {
  var bytes = InlineArray<256, UInt8>(repeating: 0)
  var count = 0

  mutating func append(_ byte: UInt8) {
    // Room for the end of the line is kept; what is longer is cut.
    guard count < bytes.count - 1 || byte == 10 else { return }
    bytes[count] = byte
    count += 1
  }

  /// Appends digits of `magnitude`, in base 10 or 16.
  @inline(never)
  mutating func append(magnitude: UInt64, base: UInt64) {
    var digits = InlineArray<20, UInt8>(repeating: 0)
    var rest = magnitude
    var first = digits.count
    repeat {
      first -= 1
      let digit = UInt8(rest % base)
      digits[first] = digit < 10 ? 48 + digit : 87 + digit
      rest /= base
    } while rest > 0
    for index in first..<digits.count { append(digits[index]) }
  }

  @inline(never)
  mutating func add(_ value: some Shown) {
    if count > 0 { append(32) }
    value.write(to: &self)
  }
}

/// A number written in hexadecimal digits.
struct Hex<Number: FixedWidthInteger & UnsignedInteger>: Shown {
  var number: Number

  init(_ number: Number) { self.number = number }

  func write(to line: inout Line) {
    line.append(48)
    line.append(120)
    line.append(magnitude: UInt64(number), base: 16)
  }
}

extension BinaryInteger {
  func writeDecimal(to line: inout Line) {
    if self < 0 { line.append(45) }
    line.append(magnitude: UInt64(magnitude), base: 10)
  }
}

extension UInt8: Shown { func write(to line: inout Line) { writeDecimal(to: &line) } }
extension UInt16: Shown { func write(to line: inout Line) { writeDecimal(to: &line) } }
extension UInt32: Shown { func write(to line: inout Line) { writeDecimal(to: &line) } }
extension UInt64: Shown { func write(to line: inout Line) { writeDecimal(to: &line) } }
extension UInt: Shown { func write(to line: inout Line) { writeDecimal(to: &line) } }
extension Int8: Shown { func write(to line: inout Line) { writeDecimal(to: &line) } }
extension Int16: Shown { func write(to line: inout Line) { writeDecimal(to: &line) } }
extension Int32: Shown { func write(to line: inout Line) { writeDecimal(to: &line) } }
extension Int64: Shown { func write(to line: inout Line) { writeDecimal(to: &line) } }
extension Int: Shown { func write(to line: inout Line) { writeDecimal(to: &line) } }

extension Bool: Shown {
  func write(to line: inout Line) { line.append(self ? 121 : 110) }
}

extension Double: Shown {
  func write(to line: inout Line) { Hex(bitPattern).write(to: &line) }
}

extension Float: Shown {
  func write(to line: inout Line) { Hex(bitPattern).write(to: &line) }
}

extension Digest: Shown {
  func write(to line: inout Line) { Hex(value).write(to: &line) }
}

extension Optional: Shown where Wrapped: Shown {
  func write(to line: inout Line) {
    if let value = self { value.write(to: &line) } else { line.append(45) }
  }
}

/// Shows a name and up to five values; a sequence of more is shown in parts.
func show(_ name: StaticString, _ first: some Shown) {
  var line = Line()
  line.add(name)
  line.add(first)
  line.end()
}

func show(_ name: StaticString, _ first: some Shown, _ second: some Shown) {
  var line = Line()
  line.add(name)
  line.add(first)
  line.add(second)
  line.end()
}

func show(_ name: StaticString, _ first: some Shown, _ second: some Shown, _ third: some Shown) {
  var line = Line()
  line.add(name)
  line.add(first)
  line.add(second)
  line.add(third)
  line.end()
}

func show(
  _ name: StaticString, _ first: some Shown, _ second: some Shown, _ third: some Shown,
  _ fourth: some Shown
) {
  var line = Line()
  line.add(name)
  line.add(first)
  line.add(second)
  line.add(third)
  line.add(fourth)
  line.end()
}

func show(
  _ name: StaticString, _ first: some Shown, _ second: some Shown, _ third: some Shown,
  _ fourth: some Shown, _ fifth: some Shown
) {
  var line = Line()
  line.add(name)
  line.add(first)
  line.add(second)
  line.add(third)
  line.add(fourth)
  line.add(fifth)
  line.end()
}
