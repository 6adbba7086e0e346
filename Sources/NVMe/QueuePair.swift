public import IOMMU

/// A submission queue, its completion queue, and the commands between them.
///
/// Mechanism only: no locks, no registers, no domain. A command's identifier (CID) is its slot's
/// number in bits 11:0 and the slot's generation in bits 15:12, so that a completion which comes
/// twice is told from the next command's, as Linux does (`nvme_gen_rqid`,
/// drivers/nvme/host/nvme.h).
@frozen
@usableFromInline
struct QueuePair: ~Copyable, Sendable {
  /// The most entries a queue can have here: identifiers then never reach 0xffff, which is not a
  /// command's (NVM Express Base Specification 2.2, figure 91).
  @usableFromInline static var maximumEntries: Int { 4096 }

  /// The queue's number for the controller; 0 is the admin queue.
  @usableFromInline let identifier: UInt16
  @usableFromInline let cpu: CPUIndex

  /// The entries in use; one less can be in flight, so that full and empty differ (figure 74).
  @usableFromInline var entries: Int
  @usableFromInline var vector: Int = 0

  @usableFromInline let slots: FixedStorage<NVMeSlot>
  /// The numbers of the free slots, as a stack.
  @usableFromInline let freeSlots: FixedStorage<UInt16>
  @usableFromInline var freeCount: Int
  /// Which slot's command lies at each position of the submission queue.
  @usableFromInline let positions: FixedStorage<UInt16>

  @usableFromInline var tail = 0
  @usableFromInline var rungTail = 0
  @usableFromInline var head = 0
  @usableFromInline var rungHead = 0
  @usableFromInline var phase: UInt32 = 1
  @usableFromInline var counters = NVMeQueueCounters()

  @usableFromInline var submissionBuffer: CoherentBuffer?
  @usableFromInline var completionBuffer: CoherentBuffer?
  @usableFromInline var listBuffer: CoherentBuffer?

  /// Where the controller finds the submission queue, once there is one.
  @usableFromInline var submissionDevice = IOVA(0)
  /// Where the controller finds the completion queue, once there is one.
  @usableFromInline var completionDevice = IOVA(0)

  // The buffers' addresses once more, so that the paths of every command need not look inside.
  @usableFromInline var submissionMemory = PhysicalAddress(0)
  @usableFromInline var completionMemory = PhysicalAddress(0)
  @usableFromInline var listMemory = PhysicalAddress(0)
  @usableFromInline var listDevice = IOVA(0)
  @usableFromInline var listStride: UInt64 = 0

  /// An empty queue pair of up to `entries` entries.
  ///
  /// Allocates: the slots, here and never again.
  init(identifier: UInt16, cpu: CPUIndex, entries: Int) {
    self.identifier = identifier
    self.cpu = cpu
    self.entries = entries
    let slotCount = entries - 1
    slots = FixedStorage(count: slotCount) { _ in NVMeSlot() }
    freeSlots = FixedStorage(count: slotCount) { UInt16(slotCount - 1 - $0) }
    positions = FixedStorage(count: entries) { _ in 0 }
    freeCount = slotCount
  }

  /// The commands that have a slot.
  @usableFromInline
  var occupied: Int { slots.count &- freeCount }

  /// The commands that may have a slot at once, with the entries in use.
  @usableFromInline
  var slotLimit: Int { entries &- 1 }

  /// The slot that the next command gets, or `nil` where the queue is full.
  @inlinable
  var nextSlot: Int? {
    occupied < slotLimit ? Int(freeSlots[freeCount &- 1]) : nil
  }

  /// The position after `position` in a queue of ``entries``.
  @inlinable
  func after(_ position: Int) -> Int {
    position &+ 1 == entries ? 0 : position &+ 1
  }

  /// Puts both queues back to empty, as a controller that was just enabled sees them.
  ///
  /// The commands in the slots stay.
  mutating func rewind<Memory: BufferMemory>(in memory: Memory) {
    tail = 0
    rungTail = 0
    head = 0
    rungHead = 0
    phase = 1
    // An old entry's phase bit would be taken for a new completion.
    for entry in 0..<UInt64(entries) {
      let base = completionMemory.rawValue &+ entry &* NVMeCompletionEntry.byteCount
      memory.storeLittle64(0, at: PhysicalAddress(base))
      memory.storeLittle64(0, at: PhysicalAddress(base &+ 8))
    }
  }
}
