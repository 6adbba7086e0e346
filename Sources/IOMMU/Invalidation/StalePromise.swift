/// How long a policy lets a device reach an unmapped page.
public enum StalePromise: Equatable, Sendable {
  /// Not at all once `unmap` has returned.
  case atUnmap
  /// For no longer than this.
  case within(Nanoseconds)
  /// Until the next invalidation that covers it, whenever that is.
  case untilInvalidation
}

extension InvalidationPolicy {
  /// How long a page may be stale under `rollover` with a bound of `age`.
  ///
  /// The invalidation itself takes time, and may wait for one that is under way.
  public static func longestStale(age: Nanoseconds) -> Nanoseconds {
    Nanoseconds(age.rawValue &+ age.rawValue / 5 &+ 100_000)
  }

  /// What the policy promises of unmapped pages: what checkers hold the model and the machine to.
  public var promise: StalePromise {
    switch self {
    case .identity, .strict, .legacyStrict: .atUnmap
    case .legacy, .queue, .singleQueue, .rollover(nil, _): .untilInvalidation
    case .rollover(let age?, _): .within(Self.longestStale(age: age))
    }
  }
}
