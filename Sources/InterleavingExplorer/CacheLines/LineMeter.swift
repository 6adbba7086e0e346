import IOMMU

/// Runs the core's code on processors that exist in name only, each with a clock, and prices the
/// cache lines that move between them.
///
/// Each processor is a thread, of which exactly one runs: at each yield point the one whose clock
/// is lowest goes on, and of those the one with the lowest number. So what a run does, and what it
/// costs, is the same each time. Whoever has the baton works on this.
final class LineMeter: @unchecked Sendable {
  /// What a processor is about to do.
  enum Pending {
    /// Begin, or go on with nothing to touch.
    case nothing
    /// Read or write a line.
    case touch(line: Int, writing: Bool)
    /// Take a lock that lies in a line.
    case lock(object: UInt64, line: Int)
    /// Take a lock that was just passed on, after so many others failed to.
    case tryLock(object: UInt64, line: Int)
    case passedLock(object: UInt64, line: Int, failed: Int, last: Int)
    /// Say that a lock was given back.
    case unlock(object: UInt64, line: Int)
    /// Look again in a moment.
    case wait
  }

  struct Processor {
    var clock: UInt64 = 0
    var pending = Pending.nothing
    var isReady = true
    var hasEnded = false
    var hasBegunCounting = false
  }

  /// What counts: from when the last processor has begun to count until the first has ended, so
  /// that all are at work all the time.
  struct Window {
    var begin: UInt64?
    var end: UInt64?
    var operations: UInt64 = 0

    /// Whether what happens now counts.
    var isOpen: Bool { begin != nil && end == nil }
  }

  struct Lock {
    var owner = -1
    var lastOwner = -1
    var waiting: [Int] = []
  }

  let prices: LinePrices
  var processors: [Processor] = []
  var window = Window()
  var lines: LineTable
  var names = LineNames()
  var locks: [UInt64: Lock] = [:]
  private let baton = Baton()
  private var carriers: [Carrier] = []

  init(_ prices: LinePrices) {
    self.prices = prices
    lines = LineTable(prices)
  }

  /// Does what `bodies` say, one for each processor, until all have come to their end.
  func run(_ bodies: [() -> Void]) {
    processors = bodies.map { _ in Processor() }
    let work = Bodies(bodies)
    carriers = bodies.indices.map { number in
      Carrier(ThreadContext(self, task: number)) { [unowned self] _ in
        work.bodies[number]()
        processors[number].hasEnded = true
        if let next = choose() { carriers[next].baton.pass() } else { baton.pass() }
      }
    }
    guard let first = choose() else { return }
    carriers[first].baton.pass()
    baton.take()
    for carrier in carriers { carrier.stop() }
    carriers = []
  }

  private final class Bodies: @unchecked Sendable {
    let bodies: [() -> Void]
    init(_ bodies: [() -> Void]) { self.bodies = bodies }
  }

  /// A name for an object; its label and lines are kept.
  func nameObject(_ label: StaticString, lines: Int) -> UInt64 { names.add(label, lines) }

  /// A processor has reached a yield point; returns when it has done what that says.
  func reached(
    _ cpu: Int, _ kind: StepKind, _ object: UInt64, _ place: StepPlace, at address: UInt64
  ) {
    if cpu < 0 || (object == 0 && kind != .wait) || kind == .instruction { return }
    let key = names.key(object, place, at: address)
    let line = lines.line(key) ?? addLine(key, names.text(object, place))
    processors[cpu].pending =
      switch kind {
      case .lock: .lock(object: object, line: line)
      case .tryLock: .tryLock(object: object, line: line)
      case .unlock: .unlock(object: object, line: line)
      case .wait: .wait
      case .load: .touch(line: line, writing: false)
      case .store, .instruction: .touch(line: line, writing: true)
      }
    guard let next = choose() else { preconditionFailure("every processor waits: \(place.text)") }
    if next != cpu { carriers[cpu].hand(to: carriers[next].baton) }
  }

  /// The processor that goes on, having done what it was about to; `nil` where none can.
  private func choose() -> Int? {
    while true {
      var next = -1
      for number in processors.indices
      where processors[number].isReady && !processors[number].hasEnded {
        if next < 0 || processors[number].clock < processors[next].clock { next = number }
      }
      if next < 0 {
        precondition(processors.allSatisfy(\.hasEnded), "every processor waits for a lock")
        return nil
      }
      if perform(next) { return next }
    }
  }

  private func addLine(_ key: LineTable.Key, _ text: String) -> Int {
    let (number, isNew) = names.number(of: text)
    if isNew { lines.addName() }
    return lines.add(key, name: number)
  }
}
