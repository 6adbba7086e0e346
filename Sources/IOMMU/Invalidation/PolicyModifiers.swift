/// What is done on top of a policy; any set of modifiers goes with any policy.
@frozen
public struct PolicyModifiers: Equatable, Sendable, BitwiseCopyable {
  /// One bit for each modifier.
  public let rawValue: UInt8

  /// The modifiers whose bits are set; bits that name none are dropped.
  @inlinable
  public init(rawValue: UInt8) {
    self.rawValue = rawValue & 0b111
  }

  /// No modifier.
  @inlinable public static var none: PolicyModifiers { PolicyModifiers(rawValue: 0) }

  /// New mappings are announced once for each doorbell, not once for each map.
  @inlinable public static var batch: PolicyModifiers { PolicyModifiers(rawValue: 0b001) }

  /// A page mapped again in the same direction while still stale gets its old translation back.
  @inlinable public static var reuse: PolicyModifiers { PolicyModifiers(rawValue: 0b010) }

  /// A map-side refresh is widened over stale neighbours, which costs no trap of its own.
  @inlinable public static var piggyback: PolicyModifiers { PolicyModifiers(rawValue: 0b100) }

  /// Whether all of `others` are set.
  @inlinable
  public func contains(_ others: PolicyModifiers) -> Bool {
    rawValue & others.rawValue == others.rawValue
  }

  /// Whether any of `others` is set.
  @inlinable
  func containsAny(of others: PolicyModifiers) -> Bool {
    rawValue & others.rawValue != 0
  }

  /// The modifiers that are set here or in `others`.
  @inlinable
  public func union(_ others: PolicyModifiers) -> PolicyModifiers {
    PolicyModifiers(rawValue: rawValue | others.rawValue)
  }
}

/// A policy with its modifiers: all that is said by one spelling on the command line.
@frozen
public struct PolicyChoice: Equatable, Sendable, BitwiseCopyable {
  /// When stale translations are dropped.
  public let policy: InvalidationPolicy

  /// What is done on top.
  public let modifiers: PolicyModifiers

  /// `policy` with `modifiers`, or none.
  @inlinable
  public init(_ policy: InvalidationPolicy, _ modifiers: PolicyModifiers = .none) {
    self.policy = policy
    self.modifiers = modifiers
  }
}
