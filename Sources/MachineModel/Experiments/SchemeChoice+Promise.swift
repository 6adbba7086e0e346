import IOMMU
import Workloads

extension SchemeChoice {
  /// How long a page may be stale under `rollover` with a bound of `age`.
  static func longestStale(age: Nanoseconds) -> Nanoseconds {
    InvalidationPolicy.longestStale(age: age)
  }

  /// What the policy promises of unmapped pages, for the checkers.
  var promise: StalePromise { policy.promise }
}
