public import IOMMU

/// A promise that was broken, as a checker saw it.
public struct Violation: Equatable, Sendable, CustomStringConvertible {
  /// The seven promises, by their number in the design.
  public enum Promise: Int, Sendable, CaseIterable {
    /// A device never reaches memory through a translation that the policy has promised is gone.
    case promisedGone = 1
    /// An address is never handed out while a stale translation for it can still be cached.
    case staleReuse = 2
    /// After map and sync the device reaches exactly the mapped bytes, with exactly the permission.
    case exactReach = 3
    /// A table is freed only after an invalidation that covers it, and all tables come back.
    case tableLifetime = 4
    /// After detach, release, unplug or error the device reaches nothing; nothing leaks.
    case blockedReach = 5
    /// Errors leave the state as it was.
    case errorState = 6
    /// What was dropped is quarantined and never used again.
    case quarantine = 7
  }

  /// Which promise.
  public let promise: Promise

  /// When.
  public let time: Instant

  /// What happened, with its numbers.
  public let message: String

  /// One line for a person.
  public var description: String {
    "promise \(promise.rawValue) (\(promise)) broken at \(time.nanoseconds) ns: \(message)"
  }
}

/// The violations that the checkers of one machine found.
///
/// All are counted and the first few kept, so that a policy that is broken all the time still ends.
public final class ViolationLog: @unchecked Sendable {
  /// The first violations, in the order in which they were found.
  public private(set) var first: [Violation] = []

  /// The number of all violations.
  public private(set) var count = 0

  /// An empty log.
  public init() {}

  func report(_ promise: Violation.Promise, at time: Instant, _ message: @autoclosure () -> String)
  {
    count += 1
    if first.count < 16 {
      first.append(Violation(promise: promise, time: time, message: message()))
    }
  }

  /// Whether a violation of `promise` is among the first.
  public func contains(_ promise: Violation.Promise) -> Bool {
    first.contains { $0.promise == promise }
  }
}

/// What checkers may ask a machine without changing it.
public protocol TranslationProbe: AnyObject {
  /// What a device's access to `iova` would reach now, or `nil` where it would be refused.
  func reachable(_ iova: IOVA, function: Int) -> ProbedTranslation?

  /// The translation that is cached for the page of `iova`, be it valid in the table or not.
  func cached(_ iova: IOVA, function: Int) -> ProbedTranslation?

  /// Whether the table that `designation` names translates `iova`, whoever uses it.
  func translates(_ iova: IOVA, by designation: UInt64) -> Bool

  /// The time of whatever is happening now.
  var probeTime: Instant { get }
}

/// A translation as a probe sees it.
public struct ProbedTranslation: Equatable, Sendable {
  /// The byte of memory.
  public let physical: PhysicalAddress

  /// Whether a write would be let through.
  public let allowsWrite: Bool

  /// A translation to `physical`.
  public init(physical: PhysicalAddress, allowsWrite: Bool) {
    self.physical = physical
    self.allowsWrite = allowsWrite
  }
}

extension IOVA {
  var hex: String { "0x" + String(rawValue, radix: 16) }
}

extension PhysicalAddress {
  var hex: String { "0x" + String(rawValue, radix: 16) }
}
