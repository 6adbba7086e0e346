import IOMMU

/// A pattern under way on a subject.
struct Churn<S: Subject>: ~Copyable {
  private let subject: S
  private let pattern: Pattern
  private let tokens: TokenTable<S.Token>
  private let cpu: CPUIndex
  private var random = Randomness(seed: 0x5eed)
  private var buffer: UInt64 = 0
  private var next = 0

  /// How often nothing was free.
  private(set) var failures = 0

  /// Takes what is out at a time.
  init(_ subject: S, _ pattern: Pattern, on cpu: CPUIndex = .boot) {
    self.subject = subject
    self.pattern = pattern
    self.cpu = cpu
    tokens = TokenTable(count: pattern.outstanding)
    if pattern.order == .last { return }
    var pages = pattern.fill.map { UInt64(Double(pattern.apertureGiB << 18) * $0) } ?? .max
    for index in 0..<pattern.outstanding {
      let length = pattern.sizes.next(&random)
      if length > pages { break }
      pages -= length
      tokens.put(take(length), at: index)
    }
  }

  /// Gives back everything.
  consuming func finish() {
    for index in 0..<tokens.count {
      if let token = tokens.take(index) { subject.give(token, on: cpu) }
    }
  }

  /// How often nothing was free in `count` pairs from the start.
  static func failures(_ subject: S, _ pattern: Pattern, _ count: Int) -> Int {
    var churn = Churn(subject, pattern)
    churn.run(count)
    let failures = churn.failures
    churn.finish()
    return failures
  }

  /// Does `count` pairs from the start in the hands of `probe`.
  static func probe<P: Probe>(_ subject: S, _ pattern: Pattern, _ count: Int, _ probe: inout P) {
    var churn = Churn(subject, pattern)
    churn.probe(count, &probe)
    churn.finish()
  }

  /// `count` times: gives one back, takes another.
  @inline(never)
  mutating func run(_ count: Int) {
    switch pattern.order {
    case .last:
      for _ in 0..<count {
        if let token = take(pattern.sizes.next(&random)) { subject.give(token, on: cpu) }
      }
    case .first, .random:
      for _ in 0..<count { step() }
    }
  }

  /// The same without giving back and taking: what the loop itself costs.
  @inline(never)
  mutating func idle(_ count: Int) {
    switch pattern.order {
    case .last:
      for _ in 0..<count {
        _ = pattern.sizes.next(&random)
        buffer &+= 1
      }
    case .first, .random:
      for _ in 0..<count {
        let index = place()
        let token = tokens.take(index)
        _ = pattern.sizes.next(&random)
        buffer &+= 1
        tokens.put(token, at: index)
      }
    }
  }

  /// Does `count` pairs with each operation in the hands of `probe`: number 2n gives back, 2n + 1
  /// takes.
  mutating func probe<P: Probe>(_ count: Int, _ probe: inout P) {
    for number in 0..<count {
      let index = pattern.order == .last ? 0 : place()
      if let token = tokens.take(index) {
        probe.begin(2 &* number)
        subject.give(token, on: cpu)
        probe.end(2 &* number)
      }
      let pages = pattern.sizes.next(&random)
      probe.begin(2 &* number &+ 1)
      let token = take(pages)
      probe.end(2 &* number &+ 1)
      tokens.put(token, at: index)
    }
  }

  @inline(__always)
  private mutating func step() {
    let index = place()
    if let token = tokens.take(index) { subject.give(token, on: cpu) }
    tokens.put(take(pattern.sizes.next(&random)), at: index)
  }

  @inline(__always)
  private mutating func place() -> Int {
    if pattern.order == .random {
      return Int(truncatingIfNeeded: random.next(below: UInt64(pattern.outstanding)))
    }
    next = next &+ 1 == pattern.outstanding ? 0 : next &+ 1
    return next
  }

  @inline(__always)
  private mutating func take(_ pages: UInt64) -> S.Token? {
    buffer &+= 1
    do throws(NothingFree) {
      return try subject.take(pages, buffer: buffer, on: cpu)
    } catch {
      failures += 1
      return nil
    }
  }
}
