import IOMMU

/// What was refused, and whether rightly.
struct Refusals {
  /// How often nothing was handed out.
  private(set) var refused = 0
  /// How many of these were looked at.
  private(set) var examined = 0
  /// How many of those looked at were wrong: enough addresses in sequence were free, or stale.
  private(set) var wrong = 0

  /// The most that are looked at: each is a look at everything that is out.
  private static let examinedMax = 50

  /// Counts what is refused in `count` pairs after filling.
  init<S: Subject>(_ subject: S, _ pattern: Pattern, _ count: Int, in aperture: IOVARange) {
    var churn = Churn.filled(subject, pattern)
    var nobody = NoProbe()
    for _ in 0..<count {
      guard let pages = churn.pair(&nobody) else { continue }
      refused += 1
      if examined == Self.examinedMax { continue }
      examined += 1
      if Self.longestGap(in: aperture, between: churn.live) >= pages { wrong += 1 }
    }
    churn.finish()
  }

  /// The longest run of pages of `aperture` that none of `ranges` touches.
  private static func longestGap(in aperture: IOVARange, between ranges: [IOVARange]) -> UInt64 {
    var longest: UInt64 = 0
    var next = aperture.first.rawValue >> 12
    for range in ranges.sorted(by: { $0.first < $1.first }) {
      longest = max(longest, (range.first.rawValue >> 12) - next)
      next = (range.last.rawValue >> 12) + 1
    }
    return max(longest, (aperture.last.rawValue >> 12) + 1 - next)
  }
}
