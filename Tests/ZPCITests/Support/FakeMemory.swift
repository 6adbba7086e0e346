import IOMMU
import Synchronization

/// Memory of bytes in a dictionary, which hands out pages and knows which are out.
struct FakeMemory: BufferMemory, TableMemory {
  final class Store: Sendable {
    struct State {
      var bytes: [UInt64: UInt8] = [:]
      var lent: [UInt64: Int] = [:]
      var next: UInt64 = 0x10_0000
      var pagesLeft = 16
      /// Called between the load and the exchange of an entry: where another processor gets in.
      var beforeExchange: ((inout State) -> Void)?
    }

    let state = Mutex(State())
  }

  let store = Store()

  var lentCount: Int { store.state.withLock { $0.lent.count } }

  func setPagesLeft(_ count: Int) {
    store.state.withLock { $0.pagesLeft = count }
  }

  func beforeNextExchange(_ body: @escaping @Sendable (inout Store.State) -> Void) {
    store.state.withLock { $0.beforeExchange = body }
  }

  func byte(_ address: UInt64) -> UInt8 {
    store.state.withLock { $0.bytes[address, default: 0] }
  }

  func setByte(_ value: UInt8, _ address: UInt64) {
    store.state.withLock { $0.bytes[address] = value }
  }

  func allocateBuffer(byteCount: Int) throws(TableMemoryError) -> PhysicalRange {
    let first = store.state.withLock { state -> UInt64? in
      if state.pagesLeft == 0 { return nil }
      state.pagesLeft -= 1
      defer { state.next += UInt64(byteCount) }
      state.lent[state.next] = byteCount
      return state.next
    }
    guard let first,
      let range = PhysicalRange(first: PhysicalAddress(first), byteCount: UInt64(byteCount))
    else { throw .exhausted(byteCount: byteCount) }
    return range
  }

  func freeBuffer(_ range: PhysicalRange) {
    store.state.withLock { $0.lent[range.first.rawValue] = nil }
  }

  func loadLittle32(at address: PhysicalAddress) -> UInt32 {
    UInt32(truncatingIfNeeded: little(address.rawValue, 4))
  }

  func storeLittle32(_ value: UInt32, at address: PhysicalAddress) {
    setLittle(UInt64(value), address.rawValue, 4)
  }

  func loadLittle64(at address: PhysicalAddress) -> UInt64 { little(address.rawValue, 8) }

  func storeLittle64(_ value: UInt64, at address: PhysicalAddress) {
    setLittle(value, address.rawValue, 8)
  }

  func copy(from source: PhysicalAddress, to target: PhysicalAddress, byteCount: UInt64) {
    for offset in 0..<byteCount {
      setByte(byte(source.rawValue + offset), target.rawValue + offset)
    }
  }

  func allocateTable(
    byteCount: Int, alignmentLog2: UInt8
  ) throws(TableMemoryError) -> PhysicalAddress {
    throw .exhausted(byteCount: byteCount)
  }

  func freeTable(_ table: PhysicalAddress, byteCount: Int) {}

  func loadEntry(at address: PhysicalAddress) -> UInt64 { loadLittle64(at: address).byteSwapped }

  func storeEntry(_ entry: UInt64, at address: PhysicalAddress) {
    storeLittle64(entry.byteSwapped, at: address)
  }

  func storeEntries(at address: PhysicalAddress, count: Int, first: UInt64, step: UInt64) {
    for index in 0..<UInt64(count) {
      storeEntry(
        first &+ index &* step, at: PhysicalAddress(address.rawValue + index * 8))
    }
  }

  func compareExchangeEntry(
    at address: PhysicalAddress, expected: UInt64, desired: UInt64
  ) -> UInt64 {
    store.state.withLock { state in
      if let body = state.beforeExchange {
        state.beforeExchange = nil
        body(&state)
      }
    }
    let found = loadEntry(at: address)
    if found == expected { storeEntry(desired, at: address) }
    return found
  }

  private func little(_ address: UInt64, _ width: UInt64) -> UInt64 {
    (0..<width).reduce(0) { $0 | UInt64(byte(address + $1)) << ($1 * 8) }
  }

  private func setLittle(_ value: UInt64, _ address: UInt64, _ width: UInt64) {
    for index in 0..<width {
      setByte(UInt8(truncatingIfNeeded: value >> (index * 8)), address + index)
    }
  }
}
