import IOMMU
import Testing

/// Ranges of a table, page by page, where they are looked at together and where they are not.
@Suite("Ranges of a table")
struct TableRangeTests {
  private func range(_ page: Int, _ pages: Int) -> IOVARange {
    IOVARange(first: IOVA(UInt64(page) << 12), byteCount: UInt64(pages) << 12)!
  }

  /// Maps and unmaps every length at the borders of a leaf table and across them.
  private func everyLength<Format: TableFormat>(_ format: Format.Type) throws {
    let oracle = try TableOracle<Format>(range(0, 1024))
    for pages in 1...256 {
      for first in Set([256, 512 - pages, 300 - pages / 2, 512 - pages / 2, 255]) {
        let wanted = range(first, pages)
        #expect(oracle.map(wanted, to: 0x40_0000, pages % 2 == 0 ? .read : .readWrite).given == nil)
        if pages % 32 < 2 { #expect(oracle.firstDifference() == nil) }
        #expect(oracle.unmap(wanted).given == nil)
      }
    }
    #expect(oracle.firstDifference() == nil)
  }

  /// Ranges with one page that is mapped, or one that is not, at every place.
  private func everyPlace<Format: TableFormat>(_ format: Format.Type) throws {
    let oracle = try TableOracle<Format>(range(0, 1024))
    for (first, pages) in [(256, 255), (257, 255), (300, 17), (300, 2), (500, 40)] {
      for odd in first..<first + pages {
        let page = range(odd, 1)
        #expect(oracle.map(page, to: 0x1000).given == nil)
        let refused = oracle.map(range(first, pages), to: 0x40_0000)
        #expect(refused.given == .overlap(page) && refused.wanted == refused.given)
        #expect(oracle.unmap(page).given == nil)
      }
      #expect(oracle.map(range(first, pages), to: 0x40_0000).given == nil)
      for odd in first..<first + pages {
        let page = range(odd, 1)
        #expect(oracle.unmap(page).given == nil)
        let refused = oracle.unmap(range(first, pages))
        #expect(refused.given == .notMapped(page.first) && refused.wanted == refused.given)
        #expect(oracle.map(page, to: 0x1000).given == nil)
      }
      #expect(oracle.firstDifference() == nil)
      #expect(oracle.unmap(range(first, pages)).given == nil)
    }
  }

  /// Ranges at every place of a leaf table that is made for them, over one that was given back.
  private func everyFreshTable<Format: TableFormat>(_ format: Format.Type) throws {
    let oracle = try TableOracle<Format>(range(0, 1024))
    for pages in [1, 2, 3, 15, 16, 17, 31, 32, 33, 64, 128, 254, 255, 256] {
      for first in Set([0, 1, 2, 13, 128 - pages / 2, 255 - pages, 256 - pages])
      where first >= 0 && first + pages <= 256 {
        let wanted = range(256 + first, pages)
        let made = oracle.table.tablesAllocated
        #expect(oracle.map(wanted, to: 0x43_d000, pages % 2 == 0 ? .read : .readWrite).given == nil)
        #expect(oracle.firstDifference() == nil)
        // What is not mapped is invalid, and what is, is counted.
        let refused = oracle.map(wanted, to: 0x80_0000)
        #expect(refused.given == .overlap(range(256 + first, 1)) && refused.wanted == refused.given)
        if pages < 256 {
          let whole = oracle.unmap(range(256, 256))
          #expect(whole.given != nil && whole.wanted == whole.given)
        }
        #expect(oracle.unmap(wanted).given == nil)
        // The memory is filled with valid entries when it is given back.
        oracle.table.free(oracle.table.unlinkEmptyTables(limit: 10))
        #expect(oracle.table.tablesAllocated - made <= (made == 1 ? 2 : 1))
        #expect(oracle.table.tablesUnlinked == 0 && oracle.table.emptyTableCount == 0)
      }
    }
  }

  @Test("Ranges of every kind are the first in a leaf table, and nothing else is mapped in it")
  func freshTables() throws {
    try everyFreshTable(WideFormat.self)
    try everyFreshTable(MarkedFormat.self)
  }

  @Test("Without memory for its leaf table a range is refused, and the span is as it was")
  func noFreshTable() throws {
    let oracle = try TableOracle<MarkedFormat>(range(0, 1024))
    oracle.memory.fail(after: 0)
    for (first, pages) in [(256, 256), (300, 7)] {
      #expect(throws: TableError.noMemory(.exhausted(byteCount: 0x800))) {
        try oracle.table.map(range(first, pages), to: PhysicalAddress(0x1000), .read)
      }
      #expect(oracle.table.lookup(range(first, 1).first) == nil)
    }
    #expect(oracle.table.tablesAllocated == 1)
    oracle.memory.fail(after: .max)
    #expect(oracle.map(range(256, 256), to: 0x1000).given == nil)
    #expect(oracle.firstDifference() == nil)
  }

  @Test("Every length is mapped and unmapped at every border of a leaf table")
  func lengths() throws {
    try everyLength(WideFormat.self)
    try everyLength(MarkedFormat.self)
  }

  @Test("A single page that stands in the way is found wherever it is")
  func places() throws {
    try everyPlace(WideFormat.self)
    try everyPlace(MarkedFormat.self)
  }

  @Test("A format whose bit does not tell invalid leaf entries is refused")
  func wrongBit() async {
    await #expect(processExitsWith: .failure) {
      _ = try TranslationTable<MistakenFormat, TestTableMemory>(
        aperture: IOVARange(first: IOVA(0), byteCount: 1 << 20)!, memory: TestTableMemory())
    }
  }
}

/// The same tables as ``WideFormat``, with entries whose bit 2 says that they are invalid.
enum MarkedFormat: ToyEntries {
  static var granule: Granule { .fourKiB }
  static var levels: Int { 2 }
  static func indexBits(level: Int) -> UInt8 { level == 0 ? 8 : 4 }
  static func invalidEntry(level: Int) -> UInt64 { level == 0 ? 0x04 : 0 }
  static var invalidLeafBit: UInt64 { 0x04 }
}

/// Says that a bit marks invalid leaf entries which is clear in them.
enum MistakenFormat: ToyEntries {
  static var granule: Granule { .fourKiB }
  static var levels: Int { 2 }
  static func indexBits(level: Int) -> UInt8 { level == 0 ? 8 : 4 }
  static var invalidLeafBit: UInt64 { 0x04 }
}
