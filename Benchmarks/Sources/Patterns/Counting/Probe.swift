/// Something that looks at single operations, told apart by number: giving back and taking, in
/// the order in which they happen.
protocol Probe {
  /// An operation of this `kind` is about to start.
  mutating func begin(_ number: Int, _ kind: OperationKind)
  /// It has just ended.
  mutating func end(_ number: Int, _ kind: OperationKind)
  /// Whether it has seen all that it wants to see.
  var isDone: Bool { get }
}

/// What an operation does.
enum OperationKind: String {
  /// Takes pages.
  case take
  /// Gives them back.
  case give
}

extension Probe {
  var isDone: Bool { false }
}

/// Looks at nothing.
struct NoProbe: Probe {
  @inline(__always)
  mutating func begin(_ number: Int, _ kind: OperationKind) {}
  @inline(__always)
  mutating func end(_ number: Int, _ kind: OperationKind) {}
}

/// The shortest time that each operation took, over several runs that do the same.
struct ShortestTimes: Probe {
  private var ticks: [UInt32]
  private var started: UInt64 = 0

  /// For up to so many operations.
  init(count: Int) { ticks = Array(repeating: .max, count: count) }

  @inline(__always)
  mutating func begin(_ number: Int, _ kind: OperationKind) { started = Counting.ticks }

  @inline(__always)
  mutating func end(_ number: Int, _ kind: OperationKind) {
    let elapsed = UInt32(clamping: Counting.ticks &- started)
    // The lowest bit tells what it was.
    let noted = elapsed & ~1 | (kind == .take ? 1 : 0)
    ticks[number] = min(ticks[number], noted)
  }

  /// The numbers of the `most` operations of each kind that took longest, in ascending order.
  func longest(_ most: Int) -> [Int] {
    let order = ticks.indices.filter { ticks[$0] != .max }.sorted { ticks[$0] > ticks[$1] }
    let taking = order.lazy.filter { ticks[$0] & 1 == 1 }.prefix(most)
    let giving = order.lazy.filter { ticks[$0] & 1 == 0 }.prefix(most)
    return (Array(taking) + Array(giving)).sorted()
  }
}

/// Has callgrind count chosen operations, one by one.
struct SingleCounts: Probe {
  private let name: String
  private let chosen: [Int]
  private var next = 0

  /// For the operations with the numbers `chosen`, which ascend; what is counted is written out
  /// under names that begin with `name`.
  init(name: String, chosen: [Int]) {
    self.name = name
    self.chosen = chosen
  }

  /// Whether no operation that was chosen is still to come.
  var isDone: Bool { next == chosen.count }

  @inline(__always)
  mutating func begin(_ number: Int, _ kind: OperationKind) {
    if next == chosen.count || chosen[next] != number { return }
    Counting.begin("\(name)\tworst-\(kind.rawValue)\t\(number)")
  }

  @inline(__always)
  mutating func end(_ number: Int, _ kind: OperationKind) {
    if next == chosen.count || chosen[next] != number { return }
    Counting.end()
    next += 1
  }

  /// What looking at an operation costs in itself.
  func countNothing() {
    Counting.begin("\(name)\tworst-nothing\t0")
    Counting.end()
  }
}
