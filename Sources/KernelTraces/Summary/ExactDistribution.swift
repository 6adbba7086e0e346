/// How often each value occurred; its percentiles are exact.
///
/// Memory grows with the distinct values, not with the number of them: what traces hold, sizes,
/// distances and times in whole microseconds, repeats.
public struct ExactDistribution: Equatable, Sendable {
  private var counts: [UInt64: UInt64] = [:]
  /// The number of values.
  public private(set) var count: UInt64 = 0
  /// The largest value; 0 where there is none.
  public private(set) var maximum: UInt64 = 0
  private var sum = 0.0

  /// No values.
  public init() {}

  /// Adds a value so many times.
  ///
  /// Complexity: O(1) on average.
  public mutating func add(_ value: UInt64, times: UInt64 = 1) {
    counts[value, default: 0] &+= times
    count &+= times
    maximum = max(maximum, value)
    sum += Double(value) * Double(times)
  }

  /// The smallest value, or `nil` where there is none.
  public var minimum: UInt64? { counts.keys.min() }

  /// The mean, or `nil` where there is no value.
  public var mean: Double? { count == 0 ? nil : sum / Double(count) }

  /// The distinct values in order, each with how often it occurred.
  ///
  /// Complexity: O(n log n) in the distinct values.
  public var sorted: [(value: UInt64, count: UInt64)] {
    counts.map { (value: $0.key, count: $0.value) }.sorted { $0.value < $1.value }
  }

  /// The smallest values that at least so many thousandths of all values do not exceed, in the
  /// order of `perMilles`; empty where there is no value.
  public func percentiles(_ perMilles: [UInt64]) -> [UInt64] {
    if count == 0 { return [] }
    let sorted = sorted
    return perMilles.map { perMille in
      // The rank is rounded up, and at least 1.
      let product = count.multipliedFullWidth(by: perMille)
      let (quotient, rest) = UInt64(1_000).dividingFullWidth(product)
      let rank = max(1, min(count, quotient + (rest > 0 ? 1 : 0)))
      var seen: UInt64 = 0
      for (value, count) in sorted {
        seen += count
        if seen >= rank { return value }
      }
      return maximum
    }
  }

  /// The values in bins whose bounds are powers of two: 0, 1, 2, 3…4, 5…8 and so on, up to the
  /// last that holds a value.
  public var powerOfTwoBins: [Bin] {
    var bins: [Bin] = []
    for (value, count) in sorted {
      let bin = Bin(holding: value)
      if bins.last?.last == bin.last {
        bins[bins.count - 1].count += count
      } else {
        bins.append(Bin(first: bin.first, last: bin.last, count: count))
      }
    }
    return bins
  }

  /// The values `first…last` and how many they are.
  public struct Bin: Equatable, Sendable {
    /// The smallest value that belongs here.
    public var first: UInt64
    /// The largest value that belongs here.
    public var last: UInt64
    /// How many values do.
    public var count: UInt64

    init(first: UInt64, last: UInt64, count: UInt64) {
      self.first = first
      self.last = last
      self.count = count
    }

    /// The empty bin that `value` belongs to.
    init(holding value: UInt64) {
      count = 0
      if value < 2 {
        first = value
        last = value
      } else {
        // Of 2 to the power `bits`, `value - 1` needs exactly this many.
        let bits = 64 - (value - 1).leadingZeroBitCount
        first = (1 << UInt64(bits - 1)) + 1
        last = bits == 64 ? .max : 1 << UInt64(bits)
      }
    }
  }
}
