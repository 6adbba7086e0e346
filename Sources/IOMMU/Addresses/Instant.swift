/// A point in time, in nanoseconds since the clock's own zero.
@frozen
public struct Instant: Comparable, Sendable, BitwiseCopyable {
  /// Nanoseconds since the clock's zero.
  public let nanoseconds: UInt64

  /// The point `nanoseconds` after the clock's zero.
  @inlinable
  public init(nanoseconds: UInt64) {
    self.nanoseconds = nanoseconds
  }

  /// Orders by time.
  @inlinable
  public static func < (left: Instant, right: Instant) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// The time from `earlier` to here; zero where `earlier` is later.
  @inlinable
  public func since(_ earlier: Instant) -> Nanoseconds {
    Nanoseconds(nanoseconds > earlier.nanoseconds ? nanoseconds &- earlier.nanoseconds : 0)
  }

  /// The point `duration` later; the last one that can be told where that passes 64 bits.
  @inlinable
  public func advanced(by duration: Nanoseconds) -> Instant {
    let (sum, overflow) = nanoseconds.addingReportingOverflow(duration.rawValue)
    return Instant(nanoseconds: overflow ? .max : sum)
  }
}

/// A length of time in nanoseconds.
@frozen
public struct Nanoseconds: Comparable, Sendable, BitwiseCopyable {
  /// The number of nanoseconds.
  public let rawValue: UInt64

  /// A time of `rawValue` nanoseconds.
  @inlinable
  public init(_ rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// Orders by length.
  @inlinable
  public static func < (left: Nanoseconds, right: Nanoseconds) -> Bool {
    left.rawValue < right.rawValue
  }

  /// A time of whole microseconds.
  @inlinable
  public static func microseconds(_ count: UInt32) -> Nanoseconds {
    Nanoseconds(UInt64(count) &* 1_000)
  }

  /// A time of whole milliseconds.
  @inlinable
  public static func milliseconds(_ count: UInt32) -> Nanoseconds {
    Nanoseconds(UInt64(count) &* 1_000_000)
  }
}

/// Time that never runs backwards, as the caller's platform tells it.
public protocol MonotonicClock: Sendable {
  /// The present.
  func now() -> Instant
}
