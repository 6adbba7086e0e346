import IOMMU
import Machine

/// The machine's memory, which the program addresses as devices do.
struct PhysicalMemory: TableMemory, BufferMemory {
  func allocateTable(
    byteCount: Int, alignmentLog2: UInt8
  ) throws(TableMemoryError) -> PhysicalAddress {
    let address = pagesTake(UInt64(byteCount), 1 << UInt64(alignmentLog2))
    if address == 0 { throw .exhausted(byteCount: byteCount) }
    return PhysicalAddress(address)
  }

  func freeTable(_ table: PhysicalAddress, byteCount: Int) {
    pagesGive(table.rawValue, UInt64(byteCount))
  }

  func loadEntry(at address: PhysicalAddress) -> UInt64 { loadAcquiring64(address.rawValue) }

  func storeEntry(_ entry: UInt64, at address: PhysicalAddress) {
    storeReleasing64(address.rawValue, entry)
  }

  func storeEntries(at address: PhysicalAddress, count: Int, first: UInt64, step: UInt64) {
    var entry = first
    for index in 0..<UInt64(max(count, 0)) {
      storeReleasing64(address.rawValue &+ index &* 8, entry)
      entry &+= step
    }
  }

  func compareExchangeEntry(
    at address: PhysicalAddress, expected: UInt64, desired: UInt64
  ) -> UInt64 {
    compareExchange64(address.rawValue, expected, desired)
  }

  func allocateBuffer(byteCount: Int) throws(TableMemoryError) -> PhysicalRange {
    if byteCount < 1 || byteCount > 1 << 36 { throw .exhausted(byteCount: byteCount) }
    let whole = (UInt64(byteCount) + 4_095) & ~4_095
    let address = pagesTake(whole, 4_096)
    guard address != 0, let range = PhysicalRange(first: PhysicalAddress(address), byteCount: whole)
    else { throw .exhausted(byteCount: byteCount) }
    return range
  }

  func freeBuffer(_ range: PhysicalRange) {
    pagesGive(range.first.rawValue, range.byteCountMinusOne + 1)
  }

  func loadLittle32(at address: PhysicalAddress) -> UInt32 {
    Machine.loadLittle32(address.rawValue)
  }

  func storeLittle32(_ value: UInt32, at address: PhysicalAddress) {
    Machine.storeLittle32(address.rawValue, value)
  }

  func loadLittle64(at address: PhysicalAddress) -> UInt64 {
    Machine.loadLittle64(address.rawValue)
  }

  func storeLittle64(_ value: UInt64, at address: PhysicalAddress) {
    Machine.storeLittle64(address.rawValue, value)
  }

  func copy(from source: PhysicalAddress, to target: PhysicalAddress, byteCount: UInt64) {
    memoryCopy(target.rawValue, source.rawValue, byteCount)
  }
}
