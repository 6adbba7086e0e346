/// Memory that a device can reach, lent to mappings of memory that it cannot.
///
/// A mapping that bounces copies to here before the device reads, and back after it wrote.
/// Complexity: O(slots / 64) to take, O(1) to give back. Allocates: at `init` only.
@usableFromInline
final class BouncePool<Memory: BufferMemory>: @unchecked Sendable {
  /// The bytes of one slot: what one mapping can bounce at the most.
  let slotBytes: UInt64

  private let lock = SpinLock()
  private let memory: Memory
  private let region: PhysicalRange
  private let free: FixedStorage<UInt64>
  private let slots: Int

  /// `slots` slots of 2 to the power `slotBytesLog2` bytes, taken from `memory`.
  init(memory: Memory, slots: Int, slotBytesLog2: UInt8) throws(TableMemoryError) {
    slotBytes = 1 &<< UInt64(slotBytesLog2)
    self.memory = memory
    self.slots = max(slots, 1)
    let count = self.slots
    let (bytes, overflow) = count.multipliedReportingOverflow(by: 1 &<< Int(slotBytesLog2))
    if overflow { throw .exhausted(byteCount: .max) }
    region = try memory.allocateBuffer(byteCount: bytes)
    free = FixedStorage(count: (count + 63) / 64) { word in
      let rest = count - word * 64
      return rest >= 64 ? .max : (1 &<< UInt64(rest)) &- 1
    }
  }

  deinit {
    memory.freeBuffer(region)
  }

  /// The highest byte of the pool.
  var last: PhysicalAddress { region.last }

  /// Takes a slot for `byteCount` bytes that start `offset` bytes into a granule.
  func take(byteCount: UInt64, offset: UInt64) -> PhysicalRange? {
    let (end, overflow) = byteCount.addingReportingOverflow(offset)
    if overflow || end > slotBytes { return nil }
    let slot = lock.withLock { takeSlot() }
    guard let slot, let base = region.first.advanced(by: UInt64(slot) &* slotBytes) else {
      return nil
    }
    return base.advanced(by: offset).flatMap { PhysicalRange(first: $0, byteCount: byteCount) }
  }

  /// Gives a slot back.
  func give(_ bytes: PhysicalRange) {
    guard let distance = region.first.distance(to: bytes.first) else { return }
    let slot = Int(truncatingIfNeeded: distance / slotBytes)
    lock.withLock { free[slot / 64] |= 1 &<< UInt64(slot % 64) }
  }

  /// Whether `address` lies in the pool.
  func owns(_ address: PhysicalAddress) -> Bool {
    region.contains(address)
  }

  private func takeSlot() -> Int? {
    for word in 0..<free.count where free[word] != 0 {
      let bit = free[word].trailingZeroBitCount
      free[word] &= free[word] &- 1
      return word * 64 + bit
    }
    return nil
  }
}
