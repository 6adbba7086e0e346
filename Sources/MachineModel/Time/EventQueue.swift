import HeapModule

/// Things that are due at points in time, earliest first; ties go by the order of scheduling.
///
/// What is due is a number that the owner gave, or a closure. Scheduling and taking allocate only
/// while the queue grows. Cancelling marks the entry; it leaves the heap when its time comes.
struct EventQueue {
  /// An entry that is due.
  struct Due {
    var time: UInt64
    var target: Int32
    var token: UInt64
    var action: (() -> Void)?
  }

  private struct Entry: Comparable {
    var time: UInt64
    var sequence: UInt64
    var token: UInt64
    var slot: Int32
    var target: Int32

    static func < (left: Entry, right: Entry) -> Bool {
      left.time != right.time ? left.time < right.time : left.sequence < right.sequence
    }

    static func == (left: Entry, right: Entry) -> Bool {
      left.sequence == right.sequence
    }
  }

  private struct Slot {
    /// The sequence number of the live entry, or 0 while there is none.
    var sequence: UInt64
    var action: (() -> Void)?
  }

  /// The target of entries that carry a closure.
  static let actionTarget: Int32 = -1

  private var heap = Heap<Entry>()
  private var slots: [Slot] = []
  private var freeSlots: [Int32] = []
  private var lastSequence: UInt64 = 0

  /// The number of entries that are neither taken nor cancelled.
  private(set) var count = 0

  /// The time of the earliest live entry; all ones while there is none.
  private(set) var nextTime = UInt64.max

  /// Puts in an entry for `target` with `token`.
  mutating func schedule(
    at time: UInt64, target: Int32, token: UInt64, action: (() -> Void)? = nil
  ) -> EventID {
    lastSequence &+= 1
    let slot: Int32
    if let free = freeSlots.popLast() {
      slot = free
      slots[Int(free)].sequence = lastSequence
    } else {
      slot = Int32(slots.count)
      slots.append(Slot(sequence: lastSequence, action: nil))
    }
    if let action { slots[Int(slot)].action = action }
    heap.insert(
      Entry(time: time, sequence: lastSequence, token: token, slot: slot, target: target))
    count &+= 1
    if time < nextTime { nextTime = time }
    return EventID(slot: slot, sequence: lastSequence)
  }

  /// Takes an entry out; one that was taken or cancelled already is left alone.
  mutating func cancel(_ event: EventID) {
    let slot = Int(event.slot)
    guard slots.indices.contains(slot), slots[slot].sequence == event.sequence else { return }
    slots[slot].sequence = 0
    slots[slot].action = nil
    count &-= 1
    dropCancelled()
  }

  /// Takes out every entry whose target is `target`.
  mutating func cancelAll(target: Int32) {
    for entry in heap.unordered where entry.target == target {
      cancelWithoutTidying(entry)
    }
    dropCancelled()
  }

  /// Takes the earliest entry, if it is due at `limit` or before.
  mutating func popFirst(notAfter limit: UInt64) -> Due? {
    if nextTime > limit { return nil }
    guard let entry = heap.popMin() else { return nil }
    let slot = Int(entry.slot)
    var action: (() -> Void)?
    if entry.target == Self.actionTarget { swap(&action, &slots[slot].action) }
    slots[slot].sequence = 0
    freeSlots.append(entry.slot)
    count &-= 1
    dropCancelled()
    return Due(time: entry.time, target: entry.target, token: entry.token, action: action)
  }

  /// Drops everything, closures included.
  mutating func removeAll() {
    heap = Heap()
    slots.removeAll()
    freeSlots.removeAll()
    count = 0
    nextTime = .max
  }

  private mutating func cancelWithoutTidying(_ entry: Entry) {
    let slot = Int(entry.slot)
    guard slots[slot].sequence == entry.sequence else { return }
    slots[slot].sequence = 0
    slots[slot].action = nil
    count &-= 1
  }

  /// Restores that the heap's first entry is live, and that `nextTime` is its time.
  private mutating func dropCancelled() {
    while let first = heap.min {
      if slots[Int(first.slot)].sequence == first.sequence {
        nextTime = first.time
        return
      }
      freeSlots.append(heap.removeMin().slot)
    }
    nextTime = .max
  }
}

/// Which event of the machine's queue; it names no other event ever after.
public struct EventID: Equatable, Sendable, BitwiseCopyable {
  let slot: Int32
  let sequence: UInt64
  /// Which queue holds it: a processor's number, or -1 for the devices'.
  var queue: Int32 = -1
}
