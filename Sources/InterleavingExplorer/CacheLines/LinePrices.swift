/// What cache lines cost that move between processors, and how processors lie to each other.
///
/// Times are in picoseconds, so that sums are exact and the same in every run.
public struct LinePrices: Sendable, Equatable {
  /// A line that another processor of the same chip wrote last, or holds while it is to be written.
  public var near: UInt64 = 50_000

  /// The same where that processor is on another chip.
  public var far: UInt64 = 150_000

  /// The processors of a chip, numbered one after the other; 1 or more.
  public var chip = 8

  /// An instruction that needs no line from elsewhere.
  public var instruction: UInt64 = 250

  /// Two cores of an AMD EPYC passing a word to and fro take 50 ns for each way; another chip is
  /// taken to be three times as far; an instruction takes a nanosecond's quarter.
  public init() {}

  /// What moving a line between two processors costs.
  func transfer(_ from: Int, _ to: Int) -> UInt64 {
    from / chip == to / chip ? near : far
  }
}
