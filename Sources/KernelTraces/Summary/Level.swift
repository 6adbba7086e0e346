/// A number that changes over time: how high it got, and how high it was on average.
public struct Level: Equatable, Sendable {
  /// What it is now.
  public private(set) var value: UInt64 = 0
  /// The highest value that it had.
  public private(set) var maximum: UInt64 = 0
  private var since: UInt64 = 0
  /// The value times the nanoseconds that it stood.
  private var area = 0.0

  /// Zero since the start of time.
  public init() {}

  /// Sets the value at `time`, which is not before the last change.
  mutating func set(_ value: UInt64, at time: UInt64) {
    pass(to: time)
    self.value = value
    maximum = max(maximum, value)
  }

  /// Lets the value stand until `time`.
  mutating func pass(to time: UInt64) {
    if time > since {
      area += Double(value) * Double(time - since)
      since = time
    }
  }

  /// The mean over so many nanoseconds up to the last change; `nil` where there are none.
  public func mean(over nanoseconds: UInt64) -> Double? {
    nanoseconds == 0 ? nil : area / Double(nanoseconds)
  }
}
