import IOMMU

/// What happens before the pairs, and runs in the hands of a probe.
extension Churn {
  /// Fills as the pattern wants it.
  mutating func fill() {
    var nobody = NoProbe()
    fill(&nobody)
    restartNumbers()
  }

  /// The same in the hands of `probe`.
  mutating func fill<P: Probe>(_ probe: inout P) {
    switch pattern.fill {
    case .ranges:
      if pattern.order == .last { return }
      for index in 0..<pattern.outstanding { _ = replace(index, nextLength(), &probe) }
    case .share(let share): fill(share, turning: false, &probe)
    case .turn(let share): fill(share, turning: true, &probe)
    case .everything:
      for index in 0..<pattern.outstanding {
        if !replace(index, nextLength(), &probe) { return }
      }
    }
  }

  private mutating func fill<P: Probe>(_ share: Double, turning: Bool, _ probe: inout P) {
    var pages = UInt64(Double(pattern.pages) * share)
    for index in 0..<pattern.outstanding {
      let length = nextLength()
      if length > pages { return }
      if replace(index, length, &probe) { pages -= length }
      if !turning || index & 1 == 0 { continue }
      let other = any(below: index)
      let before = self.length(at: other)
      let after = nextLength()
      if after > pages + before { return }
      pages += before
      if replace(other, after, &probe) { pages -= after }
    }
  }

  /// The pages of the token at `index`, 0 where there is none.
  private func length(at index: Int) -> UInt64 {
    guard let token = tokens.take(index) else { return 0 }
    let pages = S.addresses(of: token).pageCount(of: .fourKiB).rawValue
    tokens.put(token, at: index)
    return pages
  }

  /// Fills, and does `count` pairs, from the start in the hands of `probe`.
  static func probe<P: Probe>(_ subject: S, _ pattern: Pattern, _ count: Int, _ probe: inout P) {
    var churn = Churn(subject, pattern)
    if pattern.probesFill { churn.fill(&probe) } else { churn.fill() }
    for _ in 0..<count {
      if probe.isDone { break }
      _ = churn.pair(&probe)
    }
    churn.finish()
  }

  /// The ranges that are out now.
  var live: [IOVARange] {
    var ranges: [IOVARange] = []
    for index in 0..<tokens.count {
      guard let token = tokens.take(index) else { continue }
      ranges.append(S.addresses(of: token))
      tokens.put(token, at: index)
    }
    return ranges
  }
}

extension Pattern {
  /// Whether filling belongs to what is looked at for the worst operation.
  var probesFill: Bool {
    switch fill {
    case .ranges, .share: false
    case .turn, .everything: true
    }
  }

  /// The most operations that a probe sees in `count` pairs.
  func operations(_ count: Int) -> Int {
    2 * count + (probesFill ? 4 * outstanding : 0)
  }
}
