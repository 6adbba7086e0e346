import IOMMU
import TestSupport
import Testing

@Suite("Table pool")
struct TablePoolTests {
  private func region(_ first: UInt64, _ last: UInt64) -> PhysicalRange {
    PhysicalRange(first: PhysicalAddress(first), last: PhysicalAddress(last))!
  }

  @Test("Tables are aligned, within the region, and never overlap, over random operations")
  func random() throws {
    let region = region(0x1_2345, 0x9_ffff)
    let pool = TablePool(region: region)
    var random = SplitMix64(seed: 21)
    var live: [(first: UInt64, bytes: Int, rounded: UInt64)] = []
    var refusals = 0
    for step in 0..<50_000 {
      // Sways between nearly empty and full.
      let fills = UInt64.random(in: 0..<100, using: &random) < (step / 500 % 2 == 0 ? 70 : 30)
      if fills {
        let bytes = [32, 2048, 2048, 2048, 8192, 16384].randomElement(using: &random)!
        let align = UInt8(bytes.trailingZeroBitCount)
        guard let table = try? pool.allocate(byteCount: bytes, alignmentLog2: align) else {
          refusals += 1
          continue
        }
        let rounded: UInt64 = bytes <= 2048 ? 2048 : 16384
        try #require(table.rawValue % rounded == 0)
        let range = PhysicalRange(first: table, byteCount: rounded)!
        try #require(region.contains(range))
        try #require(
          !live.contains {
            $0.first < table.rawValue + rounded && table.rawValue < $0.first + $0.rounded
          })
        live.append((table.rawValue, bytes, rounded))
      } else if let victim = live.indices.randomElement(using: &random) {
        let table = live.remove(at: victim)
        try pool.free(PhysicalAddress(table.first), byteCount: table.bytes)
      }
      try #require(pool.bytesInUse == Int(live.reduce(0) { $0 + $1.rounded }))
    }
    #expect(refusals > 100)
    for table in live { try pool.free(PhysicalAddress(table.first), byteCount: table.bytes) }
    // Whatever was split has become whole again.
    for _ in 0..<(pool.byteCount >> 14) {
      _ = try pool.allocate(byteCount: 16384, alignmentLog2: 14)
    }
    #expect(pool.bytesInUse == pool.byteCount)
    #expect(throws: TableMemoryError.exhausted(byteCount: 32)) {
      _ = try pool.allocate(byteCount: 32, alignmentLog2: 3)
    }
  }

  @Test("Freeing twice, freeing what was never given and freeing elsewhere are reported")
  func wrongFrees() throws {
    let pool = TablePool(region: region(0x1_0000, 0x1_ffff))
    let block = try pool.allocate(byteCount: 0x4000, alignmentLog2: 14)
    let small = try pool.allocate(byteCount: 0x800, alignmentLog2: 11)
    let inside = PhysicalAddress(block.rawValue + 0x800)
    #expect(throws: TablePoolError.foreign(inside)) { try pool.free(inside, byteCount: 0x800) }
    let odd = PhysicalAddress(small.rawValue + 8)
    #expect(throws: TablePoolError.foreign(odd)) { try pool.free(odd, byteCount: 0x800) }
    let neighbour = PhysicalAddress(small.rawValue + 0x800)
    #expect(throws: TablePoolError.notAllocated(neighbour)) {
      try pool.free(neighbour, byteCount: 0x800)
    }
    #expect(throws: TablePoolError.notAllocated(small)) { try pool.free(small, byteCount: 0x4000) }
    for outside in [PhysicalAddress(0xf800), PhysicalAddress(0x2_0000)] {
      #expect(throws: TablePoolError.foreign(outside)) {
        try pool.free(outside, byteCount: 0x800)
      }
    }
    #expect(pool.bytesInUse == 0x4800)
    try pool.free(small, byteCount: 0x800)
    #expect(throws: TablePoolError.notAllocated(small)) { try pool.free(small, byteCount: 0x800) }
    try pool.free(block, byteCount: 0x4000)
    #expect(throws: TablePoolError.notAllocated(block)) { try pool.free(block, byteCount: 0x4000) }
    #expect(pool.bytesInUse == 0)
  }

  @Test("The eighth that was given back last is the next one, and goes where a block is wanted")
  func spare() throws {
    let pool = TablePool(region: region(0x1_0000, 0x1_3fff))
    let tables = try (0..<8).map { _ in try pool.allocate(byteCount: 0x800, alignmentLog2: 11) }
    try pool.free(tables[5], byteCount: 0x800)
    #expect(try pool.allocate(byteCount: 0x800, alignmentLog2: 11) == tables[5])
    for table in tables { try pool.free(table, byteCount: 0x800) }
    #expect(pool.bytesInUse == 0)
    for table in tables {
      #expect(throws: TablePoolError.notAllocated(table)) { try pool.free(table, byteCount: 0x800) }
    }
    let block = try pool.allocate(byteCount: 0x4000, alignmentLog2: 14)
    #expect(throws: TableMemoryError.exhausted(byteCount: 0x800)) {
      _ = try pool.allocate(byteCount: 0x800, alignmentLog2: 11)
    }
    try pool.free(block, byteCount: 0x4000)
    #expect(pool.bytesInUse == 0)
  }

  @Test("Address 0, and what does not fill a block, are left out")
  func edges() throws {
    #expect(TablePool(region: region(0, 0xffff)).blocks == region(0x4000, 0xffff))
    #expect(TablePool(region: region(0x4001, 0xffff)).blocks == region(0x8000, 0xffff))
    #expect(TablePool(region: region(0x4000, 0xfffe)).blocks == region(0x4000, 0xbfff))
    let top = TablePool(region: region(.max - 0x7fff, .max))
    #expect(top.blocks == region(.max - 0x7fff, .max))
    #expect(try top.allocate(byteCount: 0x4000, alignmentLog2: 14).rawValue == .max - 0x7fff)
    let none = TablePool(region: region(0x4001, 0xbffe))
    #expect(none.blocks == nil && none.byteCount == 0)
    #expect(throws: TableMemoryError.exhausted(byteCount: 8)) {
      _ = try none.allocate(byteCount: 8, alignmentLog2: 3)
    }
  }

  @Test("A table larger than a block, or aligned beyond it, is refused")
  func tooLarge() throws {
    let pool = TablePool(region: region(0x1_0000, 0x1_ffff))
    #expect(throws: TableMemoryError.exhausted(byteCount: 0x4001)) {
      _ = try pool.allocate(byteCount: 0x4001, alignmentLog2: 3)
    }
    #expect(throws: TableMemoryError.exhausted(byteCount: 8)) {
      _ = try pool.allocate(byteCount: 8, alignmentLog2: 15)
    }
    // Small, but aligned like a block: it takes one, and gives it back whole.
    let wide = try pool.allocate(byteCount: 8, alignmentLog2: 14)
    #expect(pool.bytesInUse == 0x4000)
    try pool.free(wide, byteCount: 8)
    #expect(pool.bytesInUse == 0)
  }
}
