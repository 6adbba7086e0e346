public import Synchronization

/// The devices of one domain, walked by invalidations while devices come and go.
///
/// Each slot counts its readers: a device leaves only when no invalidation is in the middle of
/// using it, and an invalidation takes no lock. Capacity is fixed; a slot's control is written
/// only while the slot is closed and has no readers that use it.
///
/// A device is listed before it is enabled and until it is blocked. What a walk passes over was
/// enabled after the walk began, and so after the caller's stores: it cannot have anything cached
/// that they took away.
@usableFromInline
final class AttachmentList<Control: TranslationControl>: Sendable {
  static var capacity: Int { 16 }

  @usableFromInline let slots: FixedStorage<AttachmentSlot<Control>>
  @usableFromInline let open = Atomic<Int>(0)
  @usableFromInline let top = Atomic<Int>(0)
  @usableFromInline let shared = SharedObject("attached devices")

  init() {
    slots = FixedStorage(count: Self.capacity) { _ in AttachmentSlot() }
  }

  /// The number of devices.
  var count: Int {
    YieldPoint.reached(.load, shared)
    return open.load(ordering: .acquiring)
  }

  /// Adds a device; false where all slots are taken, or waited for.
  ///
  /// Calls are serialised by the caller, with those of ``contains(_:)``, ``close(_:)`` and
  /// ``vacate(_:)``.
  func insert(_ control: Control) -> Bool {
    for index in 0..<slots.count where slots[index].isVacant {
      slots[index].keep(control)
      YieldPoint.reached(.store, shared.part(index))
      // Not a plain store: a walk that found the slot closed may not have left it yet, and what it
      // takes off the count again must have been kept. Releasing pairs with the acquiring entry.
      slots[index].state.bitwiseOr(1, ordering: .acquiringAndReleasing)
      YieldPoint.reached(.store, shared)
      top.max(index + 1, ordering: .acquiringAndReleasing)
      open.add(1, ordering: .acquiringAndReleasing)
      // Pairs with the fence of `forEach`: either the walk sees the device, or the device's
      // enabling, which follows, comes after the stores before the walk.
      atomicMemoryFence(ordering: .sequentiallyConsistent)
      return true
    }
    return false
  }

  /// Keeps walks from using the device from now on; the index of its slot, or `nil`.
  ///
  /// Calls are serialised by the caller. It is to go on with ``drain(_:)`` and ``vacate(_:)``.
  func close(_ control: Control) -> Int? {
    for index in 0..<slots.count where slots[index].holds(control) {
      YieldPoint.reached(.store, shared)
      open.subtract(1, ordering: .acquiringAndReleasing)
      YieldPoint.reached(.store, shared.part(index))
      slots[index].state.bitwiseAnd(~1, ordering: .acquiringAndReleasing)
      return index
    }
    return nil
  }

  /// Waits until no walk uses the device of a closed slot.
  ///
  /// Complexity: as long as those walks' instructions take. Context: no lock that a walk may need,
  /// which is none at all.
  func drain(_ index: Int) {
    YieldPoint.reached(.load, shared.part(index))
    while slots[index].state.load(ordering: .acquiring) != 0 {
      YieldPoint.reached(.wait, shared.part(index))
    }
  }

  /// Makes a closed slot free again; a walk that comes by does not look into it.
  ///
  /// Calls are serialised by the caller.
  func vacate(_ index: Int) {
    slots[index].letGo()
  }

  /// Whether `control` is on the list.
  ///
  /// Calls are serialised by the caller.
  func contains(_ control: Control) -> Bool {
    for index in 0..<slots.count where slots[index].holds(control) { return true }
    return false
  }

  /// Calls `body` with each device that is on the list all the while.
  @inlinable
  func forEach(_ body: (Control) -> Void) {
    // Pairs with the fence of `insert`; the caller's stores to the table come before it.
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    YieldPoint.reached(.load, shared)
    let top = top.load(ordering: .acquiring)
    for index in 0..<top where enter(index) {
      defer {
        YieldPoint.reached(.store, shared.part(index))
        slots[index].state.wrappingSubtract(2, ordering: .releasing)
      }
      slots[index].withControl(body)
    }
  }

  @inlinable
  func enter(_ index: Int) -> Bool {
    YieldPoint.reached(.store, shared.part(index))
    let before = slots[index].state.wrappingAdd(2, ordering: .acquiringAndReleasing).oldValue
    if before & 1 == 1 { return true }
    YieldPoint.reached(.store, shared.part(index))
    slots[index].state.wrappingSubtract(2, ordering: .releasing)
    return false
  }
}
