import IOMMU
import Workloads

extension SchemeChoice {
  /// How long a page may be stale under `rollover` with a bound of `age`.
  ///
  /// The invalidation itself takes time, and may wait for one that is under way.
  static func longestStale(age: Nanoseconds) -> Nanoseconds {
    Nanoseconds(age.rawValue &+ age.rawValue / 5 &+ 100_000)
  }

  /// What the policy promises of unmapped pages, for the checkers.
  var promise: StalePromise {
    switch policy {
    case .identity, .strict, .legacyStrict: return .atUnmap
    case .legacy, .queue, .singleQueue, .rollover(nil, _): return .untilInvalidation
    case .rollover(let age?, _):
      return .within(Self.longestStale(age: age))
    }
  }
}
