import Machine

/// The words that the machine was started with: `name=number`, separated by spaces.
struct CommandLine {
  /// The number that `name` is given, or `nil` where it is not there or has no number.
  static func number(_ name: StaticString) -> UInt64? {
    guard var at = value(of: name), isDigit(byte(at)) else { return nil }
    return number(at: &at)
  }

  /// The numbers that `name` is given, separated by commas, told one after the other.
  static func numbers(_ name: StaticString, _ body: (UInt64) -> Void) {
    guard var at = value(of: name) else { return }
    while isDigit(byte(at)) {
      guard let number = number(at: &at) else { return }
      body(number)
      if byte(at) != 44 { return }
      at += 1
    }
  }

  private static func number(at place: inout Int) -> UInt64? {
    var number: UInt64 = 0
    while isDigit(byte(place)) {
      let (product, overflow) = number.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt64(byte(place) - 48))
      if overflow || carry { return nil }
      number = sum
      place += 1
    }
    return number
  }

  /// Where the text behind `name=` begins.
  private static func value(of name: StaticString) -> Int? {
    let length = name.utf8CodeUnitCount
    var word = 0
    while byte(word) != 0 {
      var matches = byte(word + length) == 61
      for index in 0..<length where matches {
        // SAFETY: `index` is within the static string.
        let wanted = unsafe name.utf8Start[index]
        matches = byte(word + index) == wanted
      }
      if matches { return word + length + 1 }
      while byte(word) != 0 && byte(word) != 32 { word += 1 }
      while byte(word) == 32 { word += 1 }
    }
    return nil
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }

  private static func byte(_ index: Int) -> UInt8 {
    if index < 0 || index >= 2_048 { return 0 }
    return commandLineByte(UInt64(index))
  }
}
