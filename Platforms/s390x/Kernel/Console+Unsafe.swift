import Machine

/// Text to the machine's console, without strings: what is written is fixed, or a number.
struct Console {
  /// Writes fixed text.
  static func write(_ text: StaticString) {
    // SAFETY: a static string's bytes live as long as the program.
    unsafe consoleWrite(text.utf8Start, text.utf8CodeUnitCount)
  }

  /// Writes a number in decimal digits.
  static func write(_ number: UInt64) {
    var digits = InlineArray<20, UInt8>(repeating: 0)
    var first = 20
    var rest = number
    repeat {
      first -= 1
      digits[first] = UInt8(truncatingIfNeeded: 48 + rest % 10)
      rest /= 10
    } while rest > 0
    put(digits.span.extracting(first..<20))
  }

  /// Writes a number in hexadecimal digits.
  static func hex(_ number: UInt64) {
    var digits = InlineArray<18, UInt8>(repeating: 48)
    digits[1] = 120
    for place in 0..<16 {
      let digit = UInt8(truncatingIfNeeded: number >> UInt64(60 - 4 * place) & 15)
      digits[2 + place] = digit < 10 ? 48 + digit : 87 + digit
    }
    put(digits.span)
  }

  /// Writes ` name=number`.
  static func field(_ name: StaticString, _ number: UInt64) {
    write(" ")
    write(name)
    write("=")
    write(number)
  }

  private static func put(_ bytes: Span<UInt8>) {
    // SAFETY: the span's bytes are there during the call, and are only read.
    unsafe bytes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      unsafe consoleWrite(base, buffer.count)
    }
  }
}
