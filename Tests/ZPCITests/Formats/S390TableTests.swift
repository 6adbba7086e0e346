import IOMMU
import TestSupport
import Testing
import ZPCI

@Suite("s390 translation tables")
struct S390TableTests {
  struct Page: Equatable {
    let physical: UInt64
    let isWritable: Bool
  }

  /// Random maps and unmaps beside a dictionary, seen through the machine's own walk.
  private func run<Format: TableFormat>(
    _ format: Format.Type, aperture: IOVARange, operations: Int, seed: UInt64
  ) throws {
    let memory = HostTableMemory<BigEndian>(
      byteCount: 2 << 20, base: PhysicalAddress(0x10_0000))
    do {
      let table = try TranslationTable<Format, HostTableMemory<BigEndian>>(
        aperture: aperture, memory: memory)
      let designation = try #require(
        IOATDesignation(
          root: table.root,
          rootLevel: TranslationTable<Format, HostTableMemory<BigEndian>>.rootLevel))
      let walker = S390Walker(memory: memory, designation: designation.rawValue)
      var pages: [UInt64: Page] = [:]
      var random = SplitMix64(seed: seed)
      let pageCount = aperture.pageCount(of: .fourKiB).rawValue
      for step in 0..<operations {
        let first = UInt64.random(in: 0..<pageCount, using: &random)
        let longest: UInt64 = step % 8 == 0 ? 600 : 4
        let count = min(UInt64.random(in: 1...longest, using: &random), pageCount - first)
        let start = aperture.first.rawValue + first << 12
        let range = IOVARange(first: IOVA(start), byteCount: count << 12)!
        let addresses = (0..<count).map { start + $0 << 12 }
        var given: TableError?
        if Bool.random(using: &random) {
          let physical = (1 + UInt64.random(in: 0..<(1 << 40), using: &random)) << 12
          let isWritable = Bool.random(using: &random)
          do throws(TableError) {
            try table.map(range, to: PhysicalAddress(physical), isWritable ? .readWrite : .read)
          } catch {
            given = error
          }
          if given == nil {
            try #require(addresses.allSatisfy { pages[$0] == nil }, "step \(step)")
            for (number, address) in addresses.enumerated() {
              pages[address] = Page(
                physical: physical + UInt64(number) << 12, isWritable: isWritable)
            }
          }
          if let given {
            let taken = try #require(addresses.first { pages[$0] != nil }, "step \(step)")
            try #require(given == .overlap(IOVARange(first: IOVA(taken), byteCount: 0x1000)!))
          }
        } else {
          do throws(TableError) { try table.unmap(range) } catch { given = error }
          if let missing = addresses.first(where: { pages[$0] == nil }) {
            try #require(given == .notMapped(IOVA(missing)), "step \(step)")
          } else {
            try #require(given == nil, "step \(step)")
            for address in addresses { pages[address] = nil }
          }
        }
        for address in [start, start + (count - 1) << 12, aperture.first.rawValue] {
          let found = try walker.translate(address).map {
            Page(physical: $0.page, isWritable: $0.isWritable)
          }
          try #require(found == pages[address], "step \(step)")
        }
        if step % 64 == 0 { table.free(table.unlinkEmptyTables(limit: 8)) }
      }
      for number in 0..<pageCount {
        let address = aperture.first.rawValue + number << 12
        let found = try walker.translate(address).map {
          Page(physical: $0.page, isWritable: $0.isWritable)
        }
        try #require(found == pages[address])
      }
      #expect(pages.count > 100)
    }
    #expect(memory.pool.bytesInUse == 0)
  }

  @Test("Three levels, from where QEMU's functions begin, translate as a dictionary says")
  func threeLevels() throws {
    try run(
      S390ThreeLevel.self, aperture: IOVARange(first: IOVA(0x1_0000_0000), byteCount: 32 << 20)!,
      operations: 6_000, seed: 61)
  }

  @Test("An aperture across a region-third entry translates as a dictionary says")
  func acrossRegion() throws {
    try run(
      S390ThreeLevel.self, aperture: IOVARange(first: IOVA(0x7f80_0000), byteCount: 16 << 20)!,
      operations: 4_000, seed: 62)
  }

  @Test("Two levels translate as a dictionary says")
  func twoLevels() throws {
    try run(
      S390TwoLevel.self, aperture: IOVARange(first: IOVA(0), byteCount: 16 << 20)!,
      operations: 4_000, seed: 63)
  }

  @Test("Four levels translate as a dictionary says, across a region-second entry")
  func fourLevels() throws {
    try run(
      S390FourLevel.self, aperture: IOVARange(first: IOVA(1 << 42 - 8 << 20), byteCount: 16 << 20)!,
      operations: 4_000, seed: 64)
  }

  @Test("Five levels translate up to the last byte of the 64-bit space")
  func fiveLevels() throws {
    try run(
      S390FiveLevel.self, aperture: IOVARange(first: IOVA(.max - 0xff_ffff), last: IOVA(.max))!,
      operations: 4_000, seed: 65)
  }

  @Test("A used 2 GiB costs one segment table of 16 KiB, which stays; page tables come and go")
  func memoryCost() throws {
    let memory = HostTableMemory<BigEndian>(
      byteCount: 2 << 20, base: PhysicalAddress(0x10_0000))
    let aperture = IOVARange(first: IOVA(0x1_0000_0000), byteCount: 64 << 30)!
    let table = try TranslationTable<S390ThreeLevel, HostTableMemory<BigEndian>>(
      aperture: aperture, memory: memory)
    for region: UInt64 in 0..<32 {
      let range = IOVARange(
        first: IOVA(0x1_0000_0000 + region << 31), byteCount: 0x1000)!
      try table.map(range, to: PhysicalAddress(0x1000), .read)
    }
    #expect(memory.pool.bytesInUse == 0x4000 + 32 * (0x4000 + 0x800))
    for region: UInt64 in 0..<32 {
      let range = IOVARange(
        first: IOVA(0x1_0000_0000 + region << 31), byteCount: 0x1000)!
      try table.unmap(range)
    }
    table.free(table.unlinkEmptyTables(limit: .max))
    #expect(memory.pool.bytesInUse == 0x4000 + 32 * 0x4000)
  }
}
