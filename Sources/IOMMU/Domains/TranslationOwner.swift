import Synchronization

/// The right to change what devices reach: only a ``DeviceGroup`` has it, behind its lock.
///
/// A group lends it to the calls that it makes while it holds its lock, and to no others. It cannot
/// be copied, kept or made elsewhere; so a call that changes what a device reaches compiles in no
/// other place, and the hardware has one owner at a time.
@frozen
public struct TranslationOwner: ~Copyable, Sendable {
  /// For groups, and for tests that stand in for one.
  package init() {}
}

/// Whether a function's translation is some device's already; each control has one of these.
///
/// Two ``DMADevice``s over one control would not know of each other's changes: the second one is
/// refused when it is added to a group.
public final class TranslationClaim: Sendable {
  private let taken = Atomic<Bool>(false)
  private let shared = SharedObject()

  /// A claim that nobody has.
  public init() {}

  /// Whether a device has the function's translation now.
  public var isTaken: Bool {
    YieldPoint.reached(.load, shared)
    return taken.load(ordering: .acquiring)
  }

  /// False where somebody else has it.
  func take() -> Bool {
    YieldPoint.reached(.store, shared)
    // Acquiring pairs with the releasing store of who had it before.
    return !taken.exchange(true, ordering: .acquiring)
  }

  func giveBack() {
    YieldPoint.reached(.store, shared)
    taken.store(false, ordering: .releasing)
  }
}
