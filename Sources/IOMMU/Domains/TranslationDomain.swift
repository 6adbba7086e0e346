/// What one or more devices reach, as their groups see it: something to attach to and detach from.
///
/// The three kinds are ``BlockedDomain``, ``IdentityDomain`` and ``PagingDomain``. A domain is the
/// only owner of its devices' translation: the DMA API sits on it, there is no second path.
/// Context: ``DeviceGroup`` calls these with its lock held.
public class TranslationDomain<Control: TranslationControl>: @unchecked Sendable {
  init() {}

  /// Lets `control` reach what the domain maps.
  ///
  /// The device was blocked before, and is still blocked if this throws.
  func attach(_ control: Control, on cpu: CPUIndex) throws(AttachError) {
    fatalError("an abstract domain")
  }

  /// Blocks `control`: when this returns, it reaches nothing, or has vanished.
  ///
  /// Never fails: a device that cannot be told is fenced by the machine, or is counted as stuck.
  func detach(_ control: Control, on cpu: CPUIndex) -> DetachOutcome {
    fatalError("an abstract domain")
  }
}

/// Why a device was not attached; it is blocked.
public enum AttachError: Error, Equatable {
  /// The hardware refused.
  case control(ControlError)
  /// The domain's addresses reach beyond what the device can use.
  case aperture(domain: IOVARange, device: IOVARange)
  /// The domain defers invalidations, which this device or its lack of trust forbids.
  case mayNotDefer
  /// The domain has as many devices as it can hold.
  case tooManyDevices(limit: Int)
  /// The device or its group has a domain already: detach or replace it.
  case alreadyAttached
  /// The device was released.
  case released
}

/// How a device came to reach nothing.
public enum DetachOutcome: Sendable, Equatable {
  /// The hardware confirmed it.
  case blocked
  /// The function is gone or in error state, and so reaches nothing.
  case absent
  /// The hardware refused to stop translating: what the device reaches must never be reused.
  case stuck(ControlError)
}

/// A domain in which a device reaches nothing; every device starts and ends here.
public final class BlockedDomain<Control: TranslationControl>:
  TranslationDomain<Control>, @unchecked Sendable
{
  /// The domain; one serves any number of devices.
  public override init() {}

  override func attach(_ control: Control, on cpu: CPUIndex) throws(AttachError) {}

  override func detach(_ control: Control, on cpu: CPUIndex) -> DetachOutcome { .blocked }
}

extension TranslationControl {
  /// Switches translation off and tells in what way the device came to reach nothing.
  func block(on cpu: CPUIndex) -> DetachOutcome {
    do {
      try disableTranslation(on: cpu)
      return .blocked
    } catch {
      switch error {
      case .functionGone, .functionInError: return .absent
      default: return .stuck(error)
      }
    }
  }
}
