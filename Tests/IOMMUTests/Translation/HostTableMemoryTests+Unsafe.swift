import IOMMU
import Testing

/// Both ways to keep an entry's bytes.
let byteOrders: [any EntryByteOrder.Type] = [BigEndian.self, LittleEndian.self]

@Suite("Host table memory")
struct HostTableMemoryTests {
  /// Runs `body` with lent memory and a look at its bytes.
  private func withLent<Order: EntryByteOrder>(
    _ order: Order.Type, _ body: (HostTableMemory<Order>, (Int) -> [UInt8]) throws -> Void
  ) throws {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 0x8000, alignment: 0x4000)
    // SAFETY: the memory outlives the handle, which does not leave `body`.
    defer { unsafe bytes.deallocate() }
    let memory = unsafe HostTableMemory<Order>(
      unsafeMemory: bytes, base: PhysicalAddress(0x4000))
    try body(memory) { offset in
      // SAFETY: the offsets that the tests use lie within the memory.
      (0..<8).map { unsafe bytes[offset + $0] }
    }
  }

  @Test("Entries have the asked byte order in memory and are plain numbers to the caller")
  func byteOrder() throws {
    try storeEntry(in: BigEndian.self, as: [1, 2, 3, 4, 5, 6, 7, 8])
    try storeEntry(in: LittleEndian.self, as: [8, 7, 6, 5, 4, 3, 2, 1])
  }

  private func storeEntry<Order: EntryByteOrder>(in order: Order.Type, as wanted: [UInt8]) throws {
    let entry: UInt64 = 0x0102_0304_0506_0708
    try withLent(order) { memory, bytes in
      let table = try memory.allocateTable(byteCount: 0x800, alignmentLog2: 11)
      let offset = Int(table.rawValue - 0x4000)
      memory.storeEntry(entry, at: table)
      #expect(bytes(offset) == wanted)
      #expect(memory.loadEntry(at: table) == entry)
    }
  }

  @Test(
    "A run of entries rises by the step in numbers, whatever the byte order",
    arguments: byteOrders)
  func runs(order: any EntryByteOrder.Type) throws {
    try storeRun(in: order)
  }

  private func storeRun<Order: EntryByteOrder>(in order: Order.Type) throws {
    try withLent(order) { memory, _ in
      let table = try memory.allocateTable(byteCount: 0x800, alignmentLog2: 11)
      memory.storeEntries(at: table, count: 256, first: 0xf0, step: 0x1000)
      for index: UInt64 in 0..<256 {
        let entry = memory.loadEntry(at: PhysicalAddress(table.rawValue + index * 8))
        #expect(entry == 0xf0 + index * 0x1000)
      }
    }
  }

  @Test(
    "A compare-exchange tells what was there and replaces only what was expected",
    arguments: byteOrders)
  func compareExchange(order: any EntryByteOrder.Type) throws {
    try exchange(in: order)
  }

  private func exchange<Order: EntryByteOrder>(in order: Order.Type) throws {
    try withLent(order) { memory, _ in
      let table = try memory.allocateTable(byteCount: 0x800, alignmentLog2: 11)
      memory.storeEntry(7, at: table)
      #expect(memory.compareExchangeEntry(at: table, expected: 8, desired: 9) == 7)
      #expect(memory.loadEntry(at: table) == 7)
      #expect(memory.compareExchangeEntry(at: table, expected: 7, desired: 9) == 7)
      #expect(memory.loadEntry(at: table) == 9)
    }
  }

  @Test("Copies of a handle name the same memory and the same pool")
  func handles() throws {
    let memory = HostTableMemory<BigEndian>(byteCount: 0x8000, base: PhysicalAddress(0x1_0000))
    let copy = memory
    let table = try memory.allocateTable(byteCount: 0x4000, alignmentLog2: 14)
    memory.storeEntry(5, at: table)
    #expect(copy.loadEntry(at: table) == 5)
    #expect(copy.pool.bytesInUse == 0x4000)
    copy.freeTable(table, byteCount: 0x4000)
    #expect(memory.pool.bytesInUse == 0)
  }
}
