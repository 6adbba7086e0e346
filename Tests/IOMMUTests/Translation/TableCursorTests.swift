import IOMMU
import TestSupport
import Testing

@Suite("Translation table, segments and cursors")
struct TableCursorTests {
  let aperture = IOVARange(first: IOVA(0), byteCount: 512 << 10)!

  private func memory(_ first: UInt64, pages: UInt64) -> PhysicalRange {
    PhysicalRange(first: PhysicalAddress(first), byteCount: pages * 0x800)!
  }

  @Test("Segments of any lengths fill a range in order, across leaf tables")
  func random() throws {
    var random = SplitMix64(seed: 11)
    for _ in 0..<300 {
      let oracle = try TableOracle<TinyFormat>(aperture)
      var segments: [PhysicalRange] = []
      var wanted: [UInt64] = []
      for _ in 0..<Int.random(in: 1...12, using: &random) {
        let pages = UInt64.random(in: 1...9, using: &random)
        let first = UInt64.random(in: 0..<1 << 20, using: &random) * 0x800
        segments.append(memory(first, pages: pages))
        wanted += (0..<pages).map { first + $0 * 0x800 }
      }
      let start = UInt64.random(in: 0..<(256 - UInt64(wanted.count)), using: &random) * 0x800
      let range = IOVARange(first: IOVA(start), byteCount: UInt64(wanted.count) * 0x800)!
      try oracle.table.map(range, to: segments.span, .read)
      let found = TableOracle<TinyFormat>.addresses(range).map { oracle.walk($0)?.physical }
      try #require(found == wanted)
      #expect(oracle.walk(start)?.writes == false)
      #expect(start == 0 || oracle.walk(start - 0x800) == nil)
      // Mapped like any other range: it can be unmapped whole, and nothing is left counted.
      try oracle.table.unmap(range)
      #expect(oracle.firstDifference() == nil)
      oracle.collect()
      #expect(oracle.table.emptyTableCount == 0)
      #expect(oracle.table.tablesFreed > 0)
    }
  }

  @Test("The last pages of the 64-bit space can be filled from segments")
  func top() throws {
    let aperture = IOVARange(first: IOVA(.max - 0xffff), last: IOVA(.max))!
    let oracle = try TableOracle<DeepFormat>(aperture)
    let segments = [memory(0, pages: 3), memory(0x8000, pages: 29)]
    try oracle.table.map(aperture, to: segments.span, .readWrite)
    #expect(oracle.walk(.max - 0x7ff)?.physical == 0x8000 + 28 * 0x800)
    #expect(oracle.walk(.max - 0xffff)?.physical == 0)
  }

  @Test("Segments that do not fill the range, or that no entry can name, change nothing")
  func refusals() throws {
    let oracle = try TableOracle<TinyFormat>(aperture)
    let range = IOVARange(first: IOVA(0x800), byteCount: 10 * 0x800)!
    func refusal(_ segments: [PhysicalRange]) -> TableError? {
      do throws(TableError) {
        try oracle.table.map(range, to: segments.span, .read)
        return nil
      } catch {
        return error
      }
    }
    let ten = PageCount(10)
    #expect(refusal([]) == .wrongLength(expected: ten, given: PageCount(0)))
    #expect(refusal([memory(0, pages: 9)]) == .wrongLength(expected: ten, given: PageCount(9)))
    #expect(
      refusal([memory(0, pages: 9), memory(0, pages: 2)])
        == .wrongLength(expected: ten, given: PageCount(11)))
    let whole = PhysicalRange(first: PhysicalAddress(0), last: PhysicalAddress(.max))!
    #expect(
      refusal([whole]) == .beyondFormat(whole.first, limit: TinyFormat.physicalLimit))
    let crooked = PhysicalRange(first: PhysicalAddress(0x800), last: PhysicalAddress(0x1000))!
    #expect(refusal([memory(0, pages: 8), crooked]) == .misalignedPhysical(crooked.first))
    #expect(oracle.table.tablesAllocated == 1)

    let taken = IOVARange(first: IOVA(0x2000), byteCount: 0x800)!
    #expect(oracle.map(taken, to: 0).given == nil)
    #expect(refusal([memory(0, pages: 10)]) == .overlap(taken))
    #expect(oracle.firstDifference() == nil)
  }

  @Test("An abandoned cursor leaves nothing mapped and tells what a device may have seen")
  func abandon() throws {
    let oracle = try TableOracle<TinyFormat>(aperture)
    let range = IOVARange(first: IOVA(0x1000), byteCount: 10 * 0x800)!
    var cursor = try oracle.table.beginMapping(range)
    try oracle.table.append(memory(0, pages: 3), .read, to: &cursor)
    try oracle.table.append(memory(0x8000, pages: 2), .readWrite, to: &cursor)
    #expect(cursor.pagesLeft == PageCount(5))
    #expect(oracle.walk(0x1000 + 4 * 0x800)?.physical == 0x8800)
    #expect(oracle.walk(0x1000 + 5 * 0x800) == nil)
    var gather = InvalidationGather()
    oracle.table.abandon(cursor, gather: &gather)
    #expect(gather.range == IOVARange(first: IOVA(0x1000), byteCount: 5 * 0x800)!)
    #expect(gather.pages == PageCount(5))
    #expect(oracle.firstDifference() == nil)
    #expect(oracle.map(range, to: 0).given == nil)
    #expect(oracle.firstDifference() == nil)
  }

  @Test("A segment longer than what is left, and a commit too early, are refused")
  func lengths() throws {
    let oracle = try TableOracle<TinyFormat>(aperture)
    let range = IOVARange(first: IOVA(0x1000), byteCount: 6 * 0x800)!
    var cursor = try oracle.table.beginMapping(range)
    try oracle.table.append(memory(0, pages: 4), .read, to: &cursor)
    #expect(throws: TableError.wrongLength(expected: PageCount(2), given: PageCount(3))) {
      try oracle.table.append(memory(0, pages: 3), .read, to: &cursor)
    }
    #expect(oracle.walk(0x1000 + 4 * 0x800) == nil)
    do throws(TableError) {
      try oracle.table.commit(cursor)
      Issue.record("a cursor with two pages left was committed")
    } catch {
      #expect(error == .wrongLength(expected: PageCount(6), given: PageCount(4)))
    }
    #expect(oracle.firstDifference() == nil)

    var whole = try oracle.table.beginMapping(range)
    try oracle.table.append(memory(0x4000, pages: 6), .read, to: &whole)
    try oracle.table.commit(whole)
    #expect(oracle.walk(0x1000 + 5 * 0x800)?.physical == 0x4000 + 5 * 0x800)
  }
}
