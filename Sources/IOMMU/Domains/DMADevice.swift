/// A device between its probe and its release, as the IOMMU knows it.
///
/// Context: its group's lock guards the state; the group alone changes it.
public final class DMADevice<Control: TranslationControl>: @unchecked Sendable {
  /// Where the device stands in its life.
  public enum State: Sendable, Equatable {
    /// Probed, in no group.
    case probed
    /// Member of a group, in the group's domain.
    case member
    /// Gone for good: it reaches nothing and never will again.
    case released
  }

  /// The hardware end of the device's translation.
  public let control: Control

  /// Where the device stands.
  public private(set) var state = State.probed

  /// How the device was blocked when it last left a domain.
  public private(set) var lastDetach = DetachOutcome.blocked

  /// A device that was just probed; it is blocked until its group has a domain.
  public init(control: Control) {
    self.control = control
  }

  func join() -> Bool {
    guard state == .probed else { return false }
    state = .member
    return true
  }

  func leave() {
    state = .probed
  }

  func release() {
    state = .released
  }

  func note(_ outcome: DetachOutcome) {
    lastDetach = outcome
  }
}
