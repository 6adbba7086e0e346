import IOMMU
import Testing

@Suite("Translation table, empty leaf tables")
struct EmptyTableTests {
  let aperture = IOVARange(first: IOVA(0), byteCount: 512 << 10)!

  private func page(_ number: UInt64) -> IOVARange {
    IOVARange(first: IOVA(number * 0x800), byteCount: 0x800)!
  }

  @Test("A table that became empty stays until it is unlinked, and in memory until it is freed")
  func states() throws {
    let oracle = try TableOracle<TinyFormat>(aperture)
    let table = oracle.memory.host.pool
    try oracle.table.map(page(9), to: PhysicalAddress(0), .read)
    let withPage = table.bytesInUse
    try oracle.table.unmap(page(9))
    #expect(oracle.table.emptyTableCount == 1)
    #expect(table.bytesInUse == withPage)

    let tables = oracle.table.unlinkEmptyTables(limit: 10)
    #expect(tables.count == 1)
    // The span is 4 pages: all of it must be invalidated, though one page was used.
    #expect(tables.range == IOVARange(first: IOVA(0x4000), last: IOVA(0x5fff))!)
    #expect(oracle.table.emptyTableCount == 0)
    #expect(oracle.table.tablesUnlinked == 1)
    #expect(table.bytesInUse == withPage)

    oracle.table.free(tables)
    #expect(oracle.table.tablesUnlinked == 0)
    #expect(table.bytesInUse == withPage - 0x800)
    #expect(oracle.table.tablesFreed == 1)
    #expect(oracle.table.tablesLive == 3)
  }

  @Test("One page mapped and unmapped again and again takes one leaf table in all")
  func noThrashing() throws {
    let oracle = try TableOracle<TinyFormat>(aperture)
    for _ in 0..<1_000 {
      try oracle.table.map(page(5), to: PhysicalAddress(0x800), .read)
      try oracle.table.unmap(page(5))
    }
    #expect(oracle.table.tablesAllocated == 4)
    #expect(oracle.table.emptyTableCount == 1)
  }

  @Test("A table in use again is passed over, and listed again when it becomes empty again")
  func usedAgain() throws {
    let oracle = try TableOracle<TinyFormat>(aperture)
    try oracle.table.map(page(5), to: PhysicalAddress(0x800), .read)
    try oracle.table.unmap(page(5))
    try oracle.table.map(page(6), to: PhysicalAddress(0x800), .read)
    let none = oracle.table.unlinkEmptyTables(limit: 10)
    #expect(none.count == 0)
    #expect(none.range == nil)
    oracle.table.free(none)
    #expect(oracle.table.emptyTableCount == 0)
    #expect(oracle.lookup(6 * 0x800) != nil)
    try oracle.table.unmap(page(6))
    #expect(oracle.table.emptyTableCount == 1)
    oracle.collect()
    #expect(oracle.table.tablesFreed == 1)
  }

  @Test(
    "A span can be mapped anew while its former table waits, which delays the next removal only")
  func secondTable() throws {
    let oracle = try TableOracle<TinyFormat>(aperture)
    #expect(oracle.map(page(5), to: 0x800).given == nil)
    #expect(oracle.unmap(page(5)).given == nil)
    let first = oracle.table.unlinkEmptyTables(limit: 10)
    #expect(oracle.map(page(5), to: 0x1000).given == nil)
    #expect(oracle.firstDifference() == nil)
    #expect(oracle.unmap(page(5)).given == nil)

    let second = oracle.table.unlinkEmptyTables(limit: 10)
    #expect(second.count == 0)
    #expect(oracle.table.emptyTableCount == 1)
    oracle.table.free(second)
    oracle.table.free(first)
    let third = oracle.table.unlinkEmptyTables(limit: 10)
    #expect(third.count == 1)
    oracle.table.free(third)
    #expect(oracle.table.tablesFreed == 2)
    #expect(oracle.firstDifference() == nil)
  }

  @Test("The limit bounds how many tables are looked at")
  func limit() throws {
    let oracle = try TableOracle<TinyFormat>(aperture)
    #expect(oracle.map(aperture, to: 0).given == nil)
    #expect(oracle.unmap(aperture).given == nil)
    #expect(oracle.table.emptyTableCount == 64)
    let tables = oracle.table.unlinkEmptyTables(limit: 10)
    #expect(tables.count == 10)
    #expect(oracle.table.emptyTableCount == 54)
    oracle.table.free(tables)
    #expect(oracle.table.tablesFreed == 10)
    #expect(oracle.table.unlinkEmptyTables(limit: 0).count == 0)
  }

  @Test("Dropped tables stay in memory, counted, until the whole table is destroyed")
  func dropped() throws {
    let memory = TestTableMemory()
    do {
      let oracle = try TableOracle<TinyFormat>(aperture, memory: memory)
      #expect(oracle.map(aperture, to: 0).given == nil)
      #expect(oracle.unmap(aperture).given == nil)
      _ = oracle.table.unlinkEmptyTables(limit: 10)
      #expect(oracle.table.tablesUnlinked == 10)
      oracle.collect()
      #expect(oracle.table.tablesUnlinked == 10)
      #expect(oracle.table.tablesFreed == 54)
      #expect(oracle.map(aperture, to: 0x800).given == nil)
      #expect(oracle.firstDifference() == nil)
    }
    #expect(memory.host.pool.bytesInUse == 0)
  }

  @Test("A hundred thousand maps over the aperture, collected now and then, do not grow")
  func noGrowth() throws {
    let memory = TestTableMemory(byteCount: 0x2_0000)
    var highest = 0
    do {
      let oracle = try TableOracle<DeepFormat>(
        IOVARange(first: IOVA(1 << 60), byteCount: 1 << 20)!, memory: memory)
      var number: UInt64 = 0
      for step in 0..<100_000 {
        let page = IOVARange(first: IOVA(1 << 60 + number * 0x800), byteCount: 0x800)!
        try oracle.table.map(page, to: PhysicalAddress(number * 0x800), .readWrite)
        try oracle.table.unmap(page)
        number = (number + 1) % 512
        if step % 16 == 0 { oracle.collect() }
        highest = max(highest, memory.host.pool.bytesInUse)
      }
      // Five tables above the leaves, in blocks of 16 KiB, and a few leaf tables.
      #expect(oracle.table.tablesLive <= 5 + 6)
      #expect(oracle.table.tablesAllocated > 20_000)
    }
    #expect(highest <= 5 * 0x4000 + 6 * 0x800)
    #expect(memory.host.pool.bytesInUse == 0)
  }

  @Test("Destroying a table gives everything back, whatever is mapped in it")
  func destroy() throws {
    for pages in [0, 1, 5, 60, 256] as [UInt64] {
      let memory = TestTableMemory()
      do {
        let oracle = try TableOracle<TinyFormat>(aperture, memory: memory)
        for number in 0..<pages {
          #expect(oracle.map(page(number * 37 % 256), to: 0).given == nil)
        }
        #expect(memory.host.pool.bytesInUse > 0)
      }
      #expect(memory.host.pool.bytesInUse == 0)
    }
  }
}
