import IOMMU
import TestSupport
import Testing

/// Empty tables on their way to being freed, a few for each one that becomes empty.
@Suite("Translation table, empty leaf tables, step by step")
struct TableStepsTests {
  private typealias Oracle = TableOracle<TinyFormat>

  private let aperture = IOVARange(first: IOVA(0), byteCount: 512 << 10)!

  /// The only page that is used of span `number`.
  private func page(_ number: UInt64) -> IOVARange {
    IOVARange(first: IOVA(number * 0x2000), byteCount: 0x800)!
  }

  private func use(_ number: UInt64, of oracle: Oracle) throws {
    try oracle.table.map(page(number), to: PhysicalAddress(0x800), .read)
    try oracle.table.unmap(page(number))
  }

  @Test("Where the list is full, each table that becomes empty has the oldest one unlinked")
  func oldestFirst() throws {
    let oracle = try Oracle(aperture, keptTables: 8)
    for number in 0..<7 as Range<UInt64> { try use(number, of: oracle) }
    #expect(oracle.table.emptyTableCount == 7)
    #expect(oracle.table.tablesUnlinked == 0)
    for number in 7..<10 as Range<UInt64> { try use(number, of: oracle) }
    #expect(oracle.table.emptyTableCount == 7)
    #expect(oracle.table.waitingTableCount == 3)
    let unlinked = oracle.table.unlinkEmptyTables(limit: 0)
    #expect(unlinked.count == 3)
    #expect(unlinked.range == IOVARange(first: IOVA(0), byteCount: 3 * 0x2000))
    #expect(oracle.table.waitingTableCount == 0)
    oracle.table.free(unlinked)
    #expect(oracle.table.tablesFreed == 3)
    #expect(oracle.firstDifference() == nil)
  }

  @Test("One in use again does not spare the next")
  func usedAgain() throws {
    let oracle = try Oracle(aperture, keptTables: 3)
    for number in 0..<2 as Range<UInt64> { try use(number, of: oracle) }
    #expect(oracle.map(page(0), to: 0x1000).given == nil)
    try use(2, of: oracle)
    let unlinked = oracle.table.unlinkEmptyTables(limit: 0)
    #expect(unlinked.count == 1)
    #expect(unlinked.range == IOVARange(first: IOVA(0x2000), byteCount: 0x2000))
    #expect(oracle.table.emptyTableCount == 1)
    #expect(oracle.firstDifference() == nil)
  }

  @Test("What is covered is freed two by two, by those that become empty after it")
  func freedLater() throws {
    let oracle = try Oracle(aperture, keptTables: 1)
    for number in 0..<9 as Range<UInt64> { try use(number, of: oracle) }
    oracle.table.cover(oracle.table.unlinkEmptyTables(limit: 0))
    #expect(oracle.table.tablesFreed == 0)
    #expect(oracle.table.tablesUnlinked == 9)
    for number in 9..<14 as Range<UInt64> {
      let freed = oracle.table.tablesFreed
      try use(number, of: oracle)
      #expect(oracle.table.tablesFreed - freed == (number < 13 ? 2 : 1))
    }
    #expect(oracle.table.tablesUnlinked == 5)
    #expect(oracle.table.waitingTableCount == 5)
  }

  @Test("A table whose predecessor waits stays listed, and goes once that one is freed")
  func predecessorWaits() throws {
    let oracle = try Oracle(aperture, keptTables: 1)
    try use(5, of: oracle)
    try use(5, of: oracle)
    #expect(oracle.table.waitingTableCount == 1)
    #expect(oracle.table.emptyTableCount == 1)
    oracle.table.cover(oracle.table.unlinkEmptyTables(limit: 4))
    #expect(oracle.table.emptyTableCount == 1)
    // Puts the former table of span 5 back at the end, and frees the one before that.
    try use(6, of: oracle)
    #expect(oracle.table.tablesFreed == 1)
    try use(7, of: oracle)
    #expect(oracle.table.emptyTableCount == 1)
    #expect(oracle.table.waitingTableCount == 2)
  }

  @Test("Tables in any state come back when the whole table is destroyed")
  func destroyed() throws {
    let memory = TestTableMemory()
    do {
      let oracle = try Oracle(aperture, memory: memory, keptTables: 4)
      for number in 0..<20 as Range<UInt64> { try use(number, of: oracle) }
      oracle.table.cover(oracle.table.unlinkEmptyTables(limit: 0))
      for number in 20..<24 as Range<UInt64> { try use(number, of: oracle) }
      _ = oracle.table.unlinkEmptyTables(limit: 1)
      for number in 24..<28 as Range<UInt64> { try use(number, of: oracle) }
      #expect(oracle.table.tablesUnlinked > 8)
    }
    #expect(memory.host.pool.bytesInUse == 0)
  }

  @Test("No map or unmap of one page does more than a constant, whatever has gathered before")
  func constantWork() throws {
    let oracle = try Oracle(aperture, keptTables: 16)
    var random = SplitMix64(seed: 9)
    var mapped: [UInt64] = []
    for step in 0..<20_000 {
      let (freed, unlinked) = (oracle.table.tablesFreed, oracle.table.tablesUnlinked)
      if mapped.count < 12 {
        let number = UInt64.random(in: 0..<64, using: &random)
        if oracle.pages[number * 0x2000] == nil {
          #expect(oracle.map(page(number), to: number << 11).given == nil)
          mapped.append(number)
        }
        #expect(oracle.table.tablesFreed == freed && oracle.table.tablesUnlinked == unlinked)
      } else {
        let number = mapped.remove(at: Int.random(in: 0..<mapped.count, using: &random))
        #expect(oracle.unmap(page(number)).given == nil)
        let freedNow = oracle.table.tablesFreed - freed
        #expect(freedNow <= 2)
        #expect(oracle.table.tablesUnlinked + Int(freedNow) - unlinked <= 1)
      }
      if oracle.table.waitingTableCount >= 16 {
        oracle.table.cover(oracle.table.unlinkEmptyTables(limit: 0))
      }
      #expect(oracle.table.emptyTableCount < 16 + 32, "step \(step)")
      #expect(oracle.table.tablesUnlinked <= 32)
    }
    #expect(oracle.table.tablesFreed > 1_000)
    #expect(oracle.firstDifference() == nil)
  }
}
