import IOMMU

/// A pattern under way on a subject.
struct Churn<S: Subject>: ~Copyable {
  let subject: S
  let pattern: Pattern
  let tokens: TokenTable<S.Token>
  let cpu: CPUIndex
  private var random: Randomness
  /// Where the numbers of this processor's buffers begin, and the last that was used.
  private let firstBuffer: UInt64
  private var buffer: UInt64
  private var next = 0
  /// The operations that a probe saw.
  private var number = 0

  /// How often nothing was free.
  private(set) var failures = 0

  /// Nothing is taken yet.
  init(_ subject: S, _ pattern: Pattern, on cpu: CPUIndex = .boot) {
    self.subject = subject
    self.pattern = pattern
    self.cpu = cpu
    random = Randomness(seed: 0x5eed &+ UInt64(cpu.rawValue) &* 0x1234_5678)
    firstBuffer = UInt64(cpu.rawValue) &<< 26
    buffer = firstBuffer
    tokens = TokenTable(count: pattern.outstanding)
  }

  /// A pattern that is filled already.
  static func filled(_ subject: S, _ pattern: Pattern, on cpu: CPUIndex = .boot) -> Churn<S> {
    var churn = Churn(subject, pattern, on: cpu)
    churn.fill()
    return churn
  }

  /// Gives back everything.
  consuming func finish() {
    for index in 0..<tokens.count {
      if let token = tokens.take(index) { subject.give(token, on: cpu) }
    }
  }

  /// `count` times: gives one back, takes another.
  @inline(never)
  mutating func run(_ count: Int) {
    switch pattern.order {
    case .last:
      for _ in 0..<count {
        if let token = take(pattern.sizes.next(&random), 0) { subject.give(token, on: cpu) }
      }
    case .first, .random:
      for _ in 0..<count {
        let index = place()
        if let token = tokens.take(index) { subject.give(token, on: cpu) }
        tokens.put(take(pattern.sizes.next(&random), index), at: index)
      }
    }
  }

  /// The same without giving back and taking: what the loop itself costs.
  @inline(never)
  mutating func idle(_ count: Int) {
    switch pattern.order {
    case .last:
      for _ in 0..<count {
        _ = pattern.sizes.next(&random)
        _ = nextBuffer(0)
      }
    case .first, .random:
      for _ in 0..<count {
        let index = place()
        let token = tokens.take(index)
        _ = pattern.sizes.next(&random)
        _ = nextBuffer(index)
        tokens.put(token, at: index)
      }
    }
  }

  /// One pair of ``run(_:)``, with each operation in the hands of `probe`; the length of what
  /// could not be taken, or `nil`.
  @inline(__always)
  mutating func pair<P: Probe>(_ probe: inout P) -> UInt64? {
    let index = pattern.order == .last ? 0 : place()
    return replace(index, pattern.sizes.next(&random), &probe) ? nil : lastLength
  }

  /// The next operation has number 0.
  mutating func restartNumbers() { number = 0 }

  /// The length that was asked for last.
  private var lastLength: UInt64 = 0

  /// Gives back what is at `index`, if anything, and takes `pages` in its stead; whether there
  /// were as many.
  @inline(__always)
  mutating func replace<P: Probe>(_ index: Int, _ pages: UInt64, _ probe: inout P) -> Bool {
    if let token = tokens.take(index) {
      probe.begin(number, .give)
      subject.give(token, on: cpu)
      probe.end(number, .give)
      number &+= 1
    }
    lastLength = pages
    probe.begin(number, .take)
    let token = take(pages, index)
    probe.end(number, .take)
    number &+= 1
    let isThere = token != nil
    tokens.put(token, at: index)
    return isThere
  }

  /// The next length.
  @inline(__always)
  mutating func nextLength() -> UInt64 { pattern.sizes.next(&random) }

  /// Any number below `bound`.
  mutating func any(below bound: Int) -> Int {
    Int(truncatingIfNeeded: random.next(below: UInt64(bound)))
  }

  /// Takes pages for place `index`; counts a failure where there are none.
  @inline(__always)
  mutating func take(_ pages: UInt64, _ index: Int) -> S.Token? {
    let buffer = nextBuffer(index)
    do throws(NothingFree) {
      return try subject.take(pages, buffer: buffer, on: cpu)
    } catch {
      failures += 1
      return nil
    }
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
  private mutating func nextBuffer(_ index: Int) -> UInt64 {
    buffer &+= 1
    if pattern.memory == .own { return firstBuffer &+ UInt64(truncatingIfNeeded: index) }
    return buffer
  }
}
