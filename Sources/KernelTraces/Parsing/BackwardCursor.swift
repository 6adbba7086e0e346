/// A place in a line's prefix that moves towards the line's start.
struct BackwardCursor {
  /// One past the next byte to read.
  var position: Int
  /// The line's first byte.
  let start: Int

  /// `seconds.fraction` as nanoseconds, with one to nine digits after the point.
  mutating func time(in bytes: Span<UInt8>) throws(LineProblem) -> UInt64 {
    let (fraction, digits) = try digits("digits of a second", max: 9, in: bytes)
    guard position > start, bytes[position - 1] == UInt8(ascii: ".") else {
      throw problem("a time of seconds and a fraction")
    }
    position -= 1
    let (seconds, _) = try self.digits("seconds", max: 10, in: bytes)
    guard position > start, bytes[position - 1] == .space || bytes[position - 1] == .tab else {
      throw problem("a blank before the time")
    }
    var nanoseconds = fraction
    for _ in digits..<9 { nanoseconds *= 10 }
    // At most ten digits of seconds: below 10^19, which 64 bits hold.
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, carry) = product.addingReportingOverflow(nanoseconds)
    if overflow || carry { throw problem("a time of at most 64 bits of nanoseconds") }
    return sum
  }

  /// The word before the blanks before the next byte.
  mutating func token(_ what: String, in bytes: Span<UInt8>) throws(LineProblem) -> Range<Int> {
    skipBlanks(in: bytes)
    let end = position
    while position > start, bytes[position - 1] != .space, bytes[position - 1] != .tab {
      position -= 1
    }
    if position == end { throw problem(what) }
    return position..<end
  }

  /// Passes over `(12345)`, which ftrace writes with its option `record-tgid`.
  mutating func skipThreadGroup(in bytes: Span<UInt8>) {
    skipBlanks(in: bytes)
    guard position > start, bytes[position - 1] == UInt8(ascii: ")") else { return }
    var at = position - 1
    while at > start, bytes[at] != UInt8(ascii: "(") { at -= 1 }
    if bytes[at] == UInt8(ascii: "(") { position = at }
  }

  /// A thread's number and whether a hyphen joins it to the task's name.
  mutating func task(in bytes: Span<UInt8>) throws(LineProblem) -> (task: Int, isJoined: Bool) {
    skipBlanks(in: bytes)
    let (task, _) = try digits("a thread's number", max: 10, in: bytes)
    if position > start, bytes[position - 1] == UInt8(ascii: "/") {
      position -= 1
      _ = try digits("a process's number", max: 10, in: bytes)
    }
    guard position > start else { throw problem("a task's name") }
    let isJoined = bytes[position - 1] == UInt8(ascii: "-")
    guard isJoined || bytes[position - 1] == .space || bytes[position - 1] == .tab else {
      throw problem("a hyphen or a blank before the thread's number")
    }
    position -= 1
    skipBlanks(in: bytes)
    if position == start { throw problem("a task's name") }
    return (Int(task), isJoined)
  }

  private mutating func skipBlanks(in bytes: Span<UInt8>) {
    while position > start, bytes[position - 1] == .space || bytes[position - 1] == .tab {
      position -= 1
    }
  }

  /// One to `max` decimal digits, `max` at most 10, and how many they are.
  private mutating func digits(
    _ what: String, max: Int, in bytes: Span<UInt8>
  ) throws(LineProblem) -> (value: UInt64, count: Int) {
    var value: UInt64 = 0
    var weight: UInt64 = 1
    var count = 0
    while position > start, bytes[position - 1].isDigit {
      if count == max { throw problem("at most \(max) \(what)") }
      value += UInt64(bytes[position - 1] &- UInt8(ascii: "0")) * weight
      weight *= 10
      count += 1
      position -= 1
    }
    if count == 0 { throw problem(what) }
    return (value, count)
  }

  private func problem(_ expected: String) -> LineProblem {
    LineProblem(position: Swift.max(position - 1, start), expected: expected)
  }
}
