/// How long the ranges of a pattern are, in pages.
enum Sizes: Sendable {
  /// All the same.
  case fixed(UInt64)
  /// A power of two up to this one, each as likely.
  case powers(upTo: UInt64)
  /// Any number up to this one, each as likely.
  case any(upTo: UInt64)

  /// The next length.
  @inline(__always)
  func next(_ random: inout Randomness) -> UInt64 {
    switch self {
    case .fixed(let pages): pages
    case .powers(let most):
      1 &<< random.next(below: UInt64(most.trailingZeroBitCount) &+ 1)
    case .any(let most): random.next(below: most) &+ 1
    }
  }

  /// The mean length.
  var mean: Double {
    switch self {
    case .fixed(let pages): Double(pages)
    case .powers(let most):
      Double(2 * most - 1) / Double(most.trailingZeroBitCount + 1)
    case .any(let most): Double(most + 1) / 2
    }
  }
}
