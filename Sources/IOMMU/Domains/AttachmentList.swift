public import Synchronization

/// The devices of one domain, walked by invalidations while devices come and go.
///
/// Each slot counts its readers: a device leaves only when no invalidation is in the middle of
/// using it, and an invalidation takes no lock. Capacity is fixed; a slot's control is written
/// only while the slot is closed and has no readers.
@usableFromInline
final class AttachmentList<Control: TranslationControl>: Sendable {
  static var capacity: Int { 16 }

  /// The lowest bit says that the slot is open; the rest counts readers, two apiece.
  @usableFromInline let slots: FixedStorage<Slot>
  @usableFromInline let open = Atomic<Int>(0)
  @usableFromInline let top = Atomic<Int>(0)

  @usableFromInline
  struct Slot: ~Copyable {
    @usableFromInline let state = Atomic<UInt64>(0)
    @usableFromInline var control: Control?

    init() {}
  }

  init() {
    slots = FixedStorage(count: Self.capacity) { _ in Slot() }
  }

  /// The number of devices.
  var count: Int { open.load(ordering: .acquiring) }

  /// Adds a device; false where all slots are taken.
  ///
  /// Calls are serialised by the caller.
  func insert(_ control: Control) -> Bool {
    for index in 0..<slots.count where slots[index].control == nil {
      slots[index].control = control
      YieldPoint.reached(.store)
      // Releasing pairs with the acquiring entry of a walk: it sees the control.
      slots[index].state.store(1, ordering: .releasing)
      top.max(index + 1, ordering: .releasing)
      open.add(1, ordering: .releasing)
      return true
    }
    return false
  }

  /// Removes a device and waits until no walk uses it.
  ///
  /// Calls are serialised by the caller.
  func remove(_ control: Control) {
    for index in 0..<slots.count where slots[index].control === control {
      open.subtract(1, ordering: .releasing)
      slots[index].state.bitwiseAnd(~1, ordering: .acquiringAndReleasing)
      while slots[index].state.load(ordering: .acquiring) != 0 { YieldPoint.reached(.store) }
      slots[index].control = nil
      return
    }
  }

  /// Whether `control` is on the list.
  ///
  /// Calls are serialised with insertions by the caller.
  func contains(_ control: Control) -> Bool {
    for index in 0..<slots.count where slots[index].control === control { return true }
    return false
  }

  /// Calls `body` with each device that is on the list all the while.
  @inlinable
  func forEach<Failure: Error>(_ body: (Control) throws(Failure) -> Void) throws(Failure) {
    let top = top.load(ordering: .acquiring)
    for index in 0..<top where enter(index) {
      defer { slots[index].state.subtract(2, ordering: .releasing) }
      if let control = slots[index].control { try body(control) }
    }
  }

  @inlinable
  func enter(_ index: Int) -> Bool {
    YieldPoint.reached(.store)
    let before = slots[index].state.add(2, ordering: .acquiring).oldValue
    if before & 1 == 1 { return true }
    slots[index].state.subtract(2, ordering: .releasing)
    return false
  }
}
