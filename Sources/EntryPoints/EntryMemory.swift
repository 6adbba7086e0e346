import IOMMU
import ZPCI

/// Tables in memory of this process; buffers are numbers that nobody reads.
struct EntryMemory: TableMemory, BufferMemory {
  let tables: HostTableMemory<BigEndian>

  init(tableBytes: Int) {
    tables = HostTableMemory(byteCount: tableBytes, base: PhysicalAddress(1 << 40))
  }

  func allocateTable(
    byteCount: Int, alignmentLog2: UInt8
  ) throws(TableMemoryError) -> PhysicalAddress {
    try tables.allocateTable(byteCount: byteCount, alignmentLog2: alignmentLog2)
  }
  func freeTable(_ table: PhysicalAddress, byteCount: Int) {
    tables.freeTable(table, byteCount: byteCount)
  }
  func loadEntry(at address: PhysicalAddress) -> UInt64 { tables.loadEntry(at: address) }
  func storeEntry(_ entry: UInt64, at address: PhysicalAddress) {
    tables.storeEntry(entry, at: address)
  }
  func storeEntries(at address: PhysicalAddress, count: Int, first: UInt64, step: UInt64) {
    tables.storeEntries(at: address, count: count, first: first, step: step)
  }
  func bitsInAny(at address: PhysicalAddress, count: Int) -> UInt64 {
    tables.bitsInAny(at: address, count: count)
  }
  func bitsInAll(at address: PhysicalAddress, count: Int) -> UInt64 {
    tables.bitsInAll(at: address, count: count)
  }
  func leafHandle(at address: PhysicalAddress) -> LeafHandle { tables.leafHandle(at: address) }
  func address(of leaf: LeafHandle) -> PhysicalAddress { tables.address(of: leaf) }
  func exchangeEntry(_ entry: UInt64, in leaf: LeafHandle, index: UInt64) -> UInt64 {
    tables.exchangeEntry(entry, in: leaf, index: index)
  }
  func compareExchangeEntry(
    at address: PhysicalAddress, expected: UInt64, desired: UInt64
  ) -> UInt64 {
    tables.compareExchangeEntry(at: address, expected: expected, desired: desired)
  }

  func allocateBuffer(byteCount: Int) throws(TableMemoryError) -> PhysicalRange {
    throw .exhausted(byteCount: byteCount)
  }
  func freeBuffer(_ range: PhysicalRange) {}
  func loadLittle32(at address: PhysicalAddress) -> UInt32 { 0 }
  func storeLittle32(_ value: UInt32, at address: PhysicalAddress) {}
  func loadLittle64(at address: PhysicalAddress) -> UInt64 { 0 }
  func storeLittle64(_ value: UInt64, at address: PhysicalAddress) {}
  func copy(from source: PhysicalAddress, to target: PhysicalAddress, byteCount: UInt64) {}
}
