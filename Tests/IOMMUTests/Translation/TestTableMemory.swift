import IOMMU
import Synchronization

/// What most tests use: the byte order of s390.
typealias TestTableMemory = CountingTableMemory<BigEndian>

/// Host memory whose n-th allocation from now can be made to fail, and that counts accesses.
struct CountingTableMemory<Order: EntryByteOrder>: TableMemory {
  final class State: Sendable {
    let untilFailure = Atomic<Int>(.max)
    let loads = Atomic<Int>(0)
    let allocations = Atomic<Int>(0)
  }

  let host: HostTableMemory<Order>
  let state = State()

  init(byteCount: Int = 1 << 20) {
    host = HostTableMemory<Order>(
      byteCount: byteCount, base: PhysicalAddress(0x10_0000))
  }

  /// Lets `successes` allocations succeed and fails all later ones.
  func fail(after successes: Int) {
    state.untilFailure.store(successes, ordering: .relaxed)
  }

  func allocateTable(
    byteCount: Int, alignmentLog2: UInt8
  ) throws(TableMemoryError) -> PhysicalAddress {
    if state.untilFailure.load(ordering: .relaxed) != .max {
      if state.untilFailure.wrappingSubtract(1, ordering: .relaxed).oldValue <= 0 {
        throw .exhausted(byteCount: byteCount)
      }
    }
    state.allocations.wrappingAdd(1, ordering: .relaxed)
    return try host.allocateTable(byteCount: byteCount, alignmentLog2: alignmentLog2)
  }

  func freeTable(_ table: PhysicalAddress, byteCount: Int) {
    // Whoever reads a freed table finds garbage: a valid leaf entry to nowhere.
    if byteCount <= 2048 {
      host.storeEntries(
        at: table, count: byteCount / 8, first: 0xdead_dead_dead_d003, step: 0)
    }
    host.freeTable(table, byteCount: byteCount)
  }

  func loadEntry(at address: PhysicalAddress) -> UInt64 {
    state.loads.wrappingAdd(1, ordering: .relaxed)
    return host.loadEntry(at: address)
  }

  func storeEntry(_ entry: UInt64, at address: PhysicalAddress) {
    host.storeEntry(entry, at: address)
  }

  func storeEntries(at address: PhysicalAddress, count: Int, first: UInt64, step: UInt64) {
    host.storeEntries(at: address, count: count, first: first, step: step)
  }

  func compareExchangeEntry(
    at address: PhysicalAddress, expected: UInt64, desired: UInt64
  ) -> UInt64 {
    host.compareExchangeEntry(at: address, expected: expected, desired: desired)
  }
}
