import IOMMU
import Workloads

/// One pattern under one policy.
package struct Measurement: Sendable {
  /// The ways in which ranges come and go.
  package let pattern: Pattern
  /// When what was given back is invalidated.
  package let policy: BenchPolicy
  /// What is measured.
  package let subject: Kind
  /// How many pairs are counted, where the pattern does not want others.
  package let pairs: Int

  /// What is measured.
  package enum Kind: String, CaseIterable, Sendable {
    /// A policy's scheme alone.
    case addresses
    /// The public API of a domain.
    case mappings
  }

  package init(pattern: Pattern, policy: BenchPolicy, subject: Kind, pairs: Int) {
    self.pattern = pattern
    self.policy = policy
    self.subject = subject
    self.pairs = pairs
  }

  /// Whether it makes sense: identity has no addresses, and a told device or a modifier changes
  /// nothing for them.
  package var isSensible: Bool {
    if case .identity = policy.choice.policy { return subject == .mappings && !pattern.isList }
    return subject == .mappings || !policy.isModified
  }

  /// What all that is printed about it begins with.
  package var name: String { "\(pattern.name)\t\(policy.name)\t\(subject.rawValue)" }

  /// The addresses: above what 32 bits reach, where there are more than that.
  var aperture: IOVARange {
    let first: UInt64 = pattern.apertureMiB > 4_096 ? 1 << 32 : 0
    return IOVARange(first: IOVA(first), byteCount: pattern.apertureMiB << 20)
      ?? IOVARange(byte: IOVA(0))
  }

  /// The bytes that it may take to run, at the most.
  private var bytesNeeded: UInt64 {
    let places = UInt64(pattern.outstanding)
    let tables = subject == .mappings ? pattern.pages * 8 + (64 << 20) : 0
    let addresses = pattern.pages + (policy.hasTree ? 64 * places : 0)
    // Lists of what is out, and a time for each operation, are as long as there are places.
    return 96 * places + tables + addresses + (64 << 20)
  }

  /// Why it cannot be run here, if it cannot.
  package var reasonToSkip: String? {
    guard let available = Counting.availableBytes, bytesNeeded > available / 2 else { return nil }
    return "needs \(bytesNeeded >> 20) MiB, and half of the \(available >> 20) MiB to spare is less"
  }

  /// Says that it is not run, and why.
  package func skip(_ reason: String) { print("skipped", reason) }

  func print(_ what: String, _ value: some CustomStringConvertible) {
    Swift.print("\(name)\t\(what)\t\(value)")
  }
}
