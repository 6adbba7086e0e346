/// Something that looks at single operations, told apart by number.
protocol Probe {
  /// The operation is about to start.
  mutating func begin(_ number: Int)
  /// It has just ended.
  mutating func end(_ number: Int)
}

/// The shortest time that each operation took, over several runs that do the same.
struct ShortestTimes: Probe {
  private var ticks: [UInt32]
  private var started: UInt64 = 0

  /// For so many operations.
  init(count: Int) { ticks = Array(repeating: .max, count: count) }

  @inline(__always)
  mutating func begin(_ number: Int) { started = Counting.ticks }

  @inline(__always)
  mutating func end(_ number: Int) {
    ticks[number] = min(ticks[number], UInt32(clamping: Counting.ticks &- started))
  }

  /// The `most` operations that took longest, as a set of numbers.
  func longest(_ most: Int) -> Set<Int> {
    let order = ticks.indices.filter { ticks[$0] != .max }.sorted { ticks[$0] > ticks[$1] }
    return Set(order.prefix(most))
  }
}

/// Counts the instructions of chosen operations, one by one.
struct Stepper: Probe {
  private let chosen: Set<Int>
  private var isCounting = false

  /// The most that one took: giving back, and taking.
  private(set) var give: UInt64 = 0
  private(set) var take: UInt64 = 0

  init(chosen: Set<Int>) { self.chosen = chosen }

  @inline(__always)
  mutating func begin(_ number: Int) {
    isCounting = chosen.contains(number)
    if isCounting { Counting.begin() }
  }

  @inline(__always)
  mutating func end(_ number: Int) {
    if !isCounting { return }
    let count = Counting.end()
    if number & 1 == 0 { give = max(give, count) } else { take = max(take, count) }
  }
}
