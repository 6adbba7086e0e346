#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// One number that a fit may change: a whole number of some unit, above zero and within bounds.
///
/// Fits work with its logarithm: costs are positive, and it is the factor between them that counts,
/// so that a step means the same for a trap of 13 µs and for a tree's step of 22 ns. Between the
/// logarithm and the machine stands a whole number, so steps finer than the unit do not exist.
public struct FittedConstant: Equatable, Sendable {
  /// What the machine file calls it.
  public var name: String

  /// Where the fit starts.
  public var start: UInt64

  /// The least value that is tried.
  public var least: UInt64

  /// The greatest value that is tried.
  public var most: UInt64

  /// A constant with `least <= start <= most` and `least` above zero.
  public init(name: String, start: UInt64, least: UInt64, most: UInt64) {
    precondition(least > 0 && least <= start && start <= most, "bounds above 0 around the start")
    self.name = name
    self.start = start
    self.least = least
    self.most = most
  }

  /// The whole number that is nearest to `value` moved by a `step` of the logarithm, in bounds.
  ///
  /// A step that is not zero leads to another number unless a bound forbids it.
  func moved(_ value: UInt64, by step: Double) -> UInt64 {
    let exact = (Double(value) * exp(step)).rounded()
    var next = exact < Double(most) ? max(UInt64(max(exact, 0)), least) : most
    if next == value, step > 0, value < most { next = value + 1 }
    if next == value, step < 0, value > least { next = value - 1 }
    return min(max(next, least), most)
  }

  /// The step of the logarithm between two values.
  static func step(from old: UInt64, to new: UInt64) -> Double {
    log(Double(new) / Double(old))
  }
}
