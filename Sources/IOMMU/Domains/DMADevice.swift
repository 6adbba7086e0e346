import Synchronization

/// A device between its probe and its release, as the IOMMU knows it.
///
/// Holding one proves nothing about what it reaches; ``state`` tells. It keeps the domain that
/// counts it alive. Context: its group's lock guards every change; the group alone makes them.
/// Reading is possible at any time.
public final class DMADevice<Control: TranslationControl>: @unchecked Sendable {
  /// Where a device stands in its life.
  public typealias State = DeviceState

  /// The hardware end of the device's translation.
  public let control: Control

  private let current = Atomic<UInt8>(DeviceState.probed.rawValue)
  private let shared = SharedObject()
  private let noting = SpinLock()
  private var latestDetach = DetachOutcome.blocked

  /// The domain that counts the device; changed only with the group's lock held.
  private(set) var home: TranslationDomain<Control>?

  /// A device that was just probed; it is blocked until its group has a domain.
  public init(control: Control) {
    self.control = control
  }

  /// Where the device stands.
  public var state: DeviceState {
    YieldPoint.reached(.load, shared)
    return DeviceState(rawValue: current.load(ordering: .acquiring)) ?? .released
  }

  /// How the device was blocked when it last left a domain; `stuck` tells an operator why.
  public var lastDetach: DetachOutcome { noting.withLock { latestDetach } }

  /// Goes by ``DeviceState/after(_:)``; false where the device is not in a state for `event`.
  ///
  /// Two groups may try to add the same device at once; one of them gets it.
  func take(_ event: DeviceEvent) -> Bool {
    let before = state
    guard let next = before.after(event) else { return false }
    YieldPoint.reached(.store, shared)
    return current.compareExchange(
      expected: before.rawValue, desired: next.rawValue, ordering: .acquiringAndReleasing
    ).exchanged
  }

  /// Goes by the table; what it does not have is a mistake of the life cycle itself.
  func go(_ event: DeviceEvent, home: TranslationDomain<Control>? = nil) {
    guard take(event) else { preconditionFailure("an event that the life cycle does not have") }
    self.home = home
  }

  func note(_ outcome: DetachOutcome) {
    noting.withLock { latestDetach = outcome }
  }
}
