import IOMMU
import Testing

@Suite("Translation table, out of table memory")
struct TranslationTableExhaustionTests {
  let aperture = IOVARange(first: IOVA(0), byteCount: 512 << 10)!

  @Test("A map that runs out of memory at its n-th table, for every n, leaves all as before")
  func everyAllocation() throws {
    var failures = 0
    for number in 0... {
      let memory = TestTableMemory()
      let oracle = try TableOracle<TinyFormat>(aperture, memory: memory)
      // A few pages in tables of their own, so that the map finds some and lacks others.
      for first: UInt64 in [0x4_0000, 0x4_8000, 0x6_f800] {
        let range = IOVARange(first: IOVA(first), byteCount: 0x800)!
        try #require(oracle.map(range, to: 0x10_0000).given == nil)
      }
      memory.fail(after: number)
      let range = IOVARange(first: IOVA(0x800), last: IOVA(0x3_f7ff))!
      let given = oracle.map(range, to: 0x20_0000).given
      memory.fail(after: .max)
      if given == nil {
        #expect(oracle.firstDifference() == nil)
        break
      }
      guard case .noMemory(.exhausted) = given else {
        Issue.record("unexpected \(String(describing: given))")
        return
      }
      failures += 1
      try #require(oracle.firstDifference() == nil, "failure \(number)")
      // Nothing stays counted in: what was made for the map is empty and can go.
      let made = Int(oracle.table.tablesLive)
      oracle.collect()
      #expect(oracle.table.emptyTableCount == 0)
      #expect(Int(oracle.table.tablesLive) <= made)
      try #require(oracle.firstDifference() == nil)
      #expect(oracle.map(range, to: 0x20_0000).given == nil)
      try #require(oracle.firstDifference() == nil)
    }
    // 32 leaf tables, 8 above them, 2 above those.
    #expect(failures == 42)
  }

  @Test("A table for which there is no root is not made")
  func noRoot() {
    let memory = TestTableMemory()
    memory.fail(after: 0)
    #expect(throws: TableMemoryError.exhausted(byteCount: 32)) {
      _ = try TranslationTable<TinyFormat, TestTableMemory>(aperture: aperture, memory: memory)
    }
    #expect(memory.host.pool.bytesInUse == 0)
  }

  @Test("An aperture with more spans than can be told apart is refused before memory is taken")
  func tooManySpans() {
    let memory = TestTableMemory()
    #expect(throws: TableMemoryError.exhausted(byteCount: .max)) {
      _ = try TranslationTable<DeepFormat, TestTableMemory>(
        aperture: IOVARange(first: IOVA(0), last: IOVA(.max))!, memory: memory)
    }
    #expect(memory.host.pool.bytesInUse == 0)
  }

  @Test("A pool that is really empty gives the same error, and the table works on with what it has")
  func realExhaustion() throws {
    let memory = TestTableMemory(byteCount: 0x8000)
    let oracle = try TableOracle<TinyFormat>(aperture, memory: memory)
    // Sixteen tables of 2 KiB: root, one and one above, thirteen leaf tables and their parents.
    var mapped = 0
    for first in stride(from: UInt64(0), to: 512 << 10, by: 0x2000) {
      let range = IOVARange(first: IOVA(first), byteCount: 0x800)!
      if oracle.map(range, to: first).given != nil { break }
      mapped += 1
    }
    #expect(mapped == 11)
    #expect(oracle.firstDifference() == nil)
    #expect(oracle.unmap(IOVARange(first: IOVA(0), byteCount: 0x800)!).given == nil)
    oracle.collect()
    #expect(oracle.map(IOVARange(first: IOVA(0x800), byteCount: 0x800)!, to: 0).given == nil)
    #expect(oracle.firstDifference() == nil)
  }
}
