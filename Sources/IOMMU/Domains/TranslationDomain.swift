import Synchronization

/// What one or more devices reach, as their groups see it: something to attach to and detach from.
///
/// The three kinds are ``BlockedDomain``, ``IdentityDomain`` and ``PagingDomain``. A domain is the
/// only owner of its devices' translation: the DMA API sits on it, there is no second path.
/// Several groups may share a domain. It lives as long as a group or device refers to it, an
/// operation is under way in it, or a device is stuck in it.
/// Context: ``DeviceGroup`` calls what changes it, with the group's lock held.
public class TranslationDomain<Control: TranslationControl>: @unchecked Sendable {
  /// The devices that translate, or may, by this domain.
  @usableFromInline let attachments = AttachmentList<Control>()

  /// How many devices there are, and of what kind.
  @usableFromInline let population: DomainPopulation

  /// How many of those that wait will be back in a moment; guarded by ``membership``.
  var returning = 0

  /// Guards who is on the list: groups that share the domain have locks of their own.
  let membership = SpinLock()
  let stuckTotal = Atomic<Int>(0)

  /// The domain itself, while a device is stuck in it: what that device reaches must not be freed.
  var immortal: TranslationDomain<Control>?

  /// A domain without devices; `isQuick` where mappings may be made without a look at anything but
  /// the population.
  init(isQuick: Bool = false) {
    population = DomainPopulation(isQuick: isQuick)
  }

  deinit {
    expectNoDevices()
  }

  /// A domain with devices has a group or a device that refers to it, so this cannot fail.
  final func expectNoDevices() {
    if attachments.count != 0 { trapOnDestruction() }
  }

  /// The number of devices that translate by the domain, stuck ones included.
  public var deviceCount: Int { attachments.count }

  /// The number of devices that will be in the domain once they are recovered or reset.
  public var pendingCount: Int {
    population.count.waiting
  }

  /// The number of devices that the hardware refused to block, and that may still reach what the
  /// domain maps: above 0, the domain stays alive and its tables are kept.
  ///
  /// Each is in state ``DeviceState/stuck`` too, with the reason in ``DMADevice/lastDetach``.
  /// Resetting or releasing it tries again.
  public var stuckCount: Int {
    YieldPoint.reached(.load, population.shared)
    return stuckTotal.load(ordering: .acquiring)
  }

  /// Whether any device is in the domain, be it pending: without one nothing can be mapped.
  @inlinable
  var hasDevices: Bool { population.count.hasDevices }

  /// False for a domain in which devices reach nothing.
  var translates: Bool { true }

  /// Throws why `control` may not be in the domain; nothing is asked of the hardware.
  func check(_ control: Control) throws(AttachError) {}

  /// Lets a blocked device that is on the list reach what the domain maps.
  ///
  /// The caller blocks it where this throws.
  func enable(
    _ control: Control, by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) throws(ControlError) {
    throw .unsupported
  }
}

@inline(never)
private func trapOnDestruction() {
  preconditionFailure("a domain was destroyed with devices on it")
}

/// How an attach that did not throw ended.
enum Admission {
  /// The device translates by the domain.
  case attached
  /// The device reaches nothing, and waits for a recovery or reset, because of the error.
  case pending(ControlError)
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
  public init() { super.init() }

  override var translates: Bool { false }
}

extension TranslationControl {
  /// Switches translation off and tells in what way the device came to reach nothing.
  func block(by owner: borrowing TranslationOwner, on cpu: CPUIndex) -> DetachOutcome {
    do {
      try disableTranslation(by: owner, on: cpu)
      return .blocked
    } catch {
      switch error {
      case .functionGone, .functionInError: return .absent
      default: return .stuck(error)
      }
    }
  }
}
