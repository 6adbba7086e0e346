/// Translations of unmapped pages that still stand, kept for the same memory to come back.
///
/// The modifier `+reuse`: a mapping that is unmapped is parked here with its entries untouched;
/// when the same pages are mapped in the same direction before the next flush, the old addresses
/// are theirs again: no entry is written and nothing is invalidated. One cache per processor,
/// behind that processor's lock. Complexity: O(1) for each operation but the sweeps, O(slots).
@usableFromInline
struct ReuseCache: ~Copyable {
  @usableFromInline
  enum State: UInt8 {
    /// Nothing here.
    case empty
    /// Entries stand; the translation may be taken back.
    case parked
    /// Entries were cleared and a global invalidation is due; then the addresses are free.
    case cleared
  }

  @usableFromInline
  struct Slot {
    @usableFromInline var device = IOVARange(byte: IOVA(0))
    @usableFromInline var memory = PhysicalAddress(0)
    @usableFromInline var since = Instant(nanoseconds: 0)
    @usableFromInline var state = State.empty
    @usableFromInline var allowsWrite = false

    @usableFromInline init() {}
  }

  @usableFromInline static var ways: Int { 2 }
  @usableFromInline let slots: FixedStorage<Slot>
  @usableFromInline let setMask: UInt64

  /// A cache of 2 to the power `log2` slots.
  @usableFromInline
  init(slotsLog2: Int) {
    let count = 1 &<< max(slotsLog2, 1)
    slots = FixedStorage(count: count) { _ in Slot() }
    setMask = UInt64(count / Self.ways &- 1)
  }

  /// The first slot of the set that pages at `memory` belong to.
  @inlinable
  func set(_ memory: PhysicalAddress) -> Int {
    let hash = (memory.rawValue &>> 12) &* 0x9e37_79b9_7f4a_7c15
    return Int(truncatingIfNeeded: (hash &>> 40) & setMask) &* Self.ways
  }

  /// Takes the translation of `byteCount` bytes at `memory` back, if it is parked here.
  @inlinable
  func take(
    _ memory: PhysicalAddress, byteCountMinusOne: UInt64, _ permission: DevicePermission
  ) -> Slot? {
    let base = set(memory)
    for index in base..<(base &+ Self.ways) {
      let slot = slots[index]
      if slot.state == .parked && slot.memory == memory
        && slot.device.byteCountMinusOne == byteCountMinusOne
        && slot.allowsWrite == permission.allowsWrite
      {
        slots[index].state = .empty
        return slot
      }
    }
    return nil
  }

  /// Parks a translation; returns the one that had to make room, or `new` itself if none could.
  @inlinable
  func park(_ new: Slot) -> Slot? {
    let base = set(new.memory)
    var oldest = -1
    for index in base..<(base &+ Self.ways) {
      let slot = slots[index]
      if slot.state == .empty {
        slots[index] = new
        return nil
      }
      if slot.state == .parked && (oldest < 0 || slot.since < slots[oldest].since) {
        oldest = index
      }
    }
    if oldest < 0 { return new }
    let evicted = slots[oldest]
    slots[oldest] = new
    return evicted
  }

  /// Takes out the first parked translation from slot `start` on that is as old as `limit`.
  @usableFromInline
  func takeParked(notAfter limit: Instant, from start: inout Int) -> Slot? {
    while start < slots.count {
      let index = start
      start += 1
      if slots[index].state == .parked && slots[index].since <= limit {
        slots[index].state = .empty
        return slots[index]
      }
    }
    return nil
  }

  /// When the translation parked longest was unmapped.
  var oldest: Instant? {
    var result: Instant?
    for index in 0..<slots.count where slots[index].state == .parked {
      if let known = result, known <= slots[index].since { continue }
      result = slots[index].since
    }
    return result
  }
}
