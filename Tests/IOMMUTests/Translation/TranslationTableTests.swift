import IOMMU
import Synchronization
import Testing

@Suite("Translation table")
struct TranslationTableTests {
  let aperture = IOVARange(first: IOVA(0), byteCount: 512 << 10)!

  private func range(_ first: UInt64, pages: UInt64) -> IOVARange {
    IOVARange(first: IOVA(first), byteCount: pages * 0x800)!
  }

  @Test("A fresh table translates nothing and has a root alone")
  func fresh() throws {
    let oracle = try TableOracle<TinyFormat>(aperture)
    #expect(oracle.firstDifference() == nil)
    let (live, level) = (
      oracle.table.tablesLive, TranslationTable<TinyFormat, TestTableMemory>.rootLevel
    )
    #expect(live == 1)
    #expect(level == 3)
  }

  @Test("A lookup gives the byte, not only the page, and the permission")
  func lookupOffset() throws {
    let oracle = try TableOracle<TinyFormat>(aperture)
    try oracle.table.map(range(0x1000, pages: 1), to: PhysicalAddress(0x7000), .read)
    let found = oracle.table.lookup(IOVA(0x1234))
    #expect(found?.physical == PhysicalAddress(0x7234))
    #expect(found?.permission == .read)
    #expect(oracle.table.lookup(IOVA(0x1800)) == nil)
    #expect(oracle.table.lookup(IOVA(1 << 40)) == nil)
  }

  @Test("The first and the last page of an aperture, and all of it, can be mapped")
  func boundaries() throws {
    for aperture in [
      aperture, IOVARange(first: IOVA(0x1800), last: IOVA(0x2_97ff))!,
    ] {
      let oracle = try TableOracle<TinyFormat>(aperture)
      let first = range(aperture.first.rawValue, pages: 1)
      let last = range(aperture.last.rawValue - 0x7ff, pages: 1)
      #expect(oracle.map(first, to: 0x1000).given == nil)
      #expect(oracle.map(last, to: 0x8000, .read).given == nil)
      #expect(oracle.firstDifference() == nil)
      #expect(oracle.unmap(first).given == nil)
      #expect(oracle.unmap(last).given == nil)
      #expect(oracle.map(aperture, to: 0).given == nil)
      #expect(oracle.firstDifference() == nil)
    }
  }

  @Test("The last page of the 64-bit space can be mapped, looked up and unmapped")
  func topPage() throws {
    let aperture = IOVARange(first: IOVA(.max - 0xffff), last: IOVA(.max))!
    let oracle = try TableOracle<DeepFormat>(aperture)
    let last = IOVARange(first: IOVA(.max - 0x7ff), last: IOVA(.max))!
    #expect(oracle.map(last, to: 0x800).given == nil)
    #expect(oracle.table.lookup(IOVA(.max))?.physical == PhysicalAddress(0xfff))
    #expect(oracle.firstDifference() == nil)
    #expect(oracle.unmap(last).given == nil)
    #expect(oracle.map(aperture, to: 0x1000).given == nil)
    #expect(oracle.unmap(aperture).given == nil)
    #expect(oracle.firstDifference() == nil)
  }

  @Test("Requests that can never be met are refused with their numbers and change nothing")
  func refusals() throws {
    let aperture = IOVARange(first: IOVA(0x1000), last: IOVA(0x8fff))!
    let oracle = try TableOracle<TinyFormat>(aperture)
    let good = range(0x2000, pages: 2)
    let limit = TinyFormat.physicalLimit
    func map(_ range: IOVARange, to physical: UInt64) -> TableError? {
      oracle.map(range, to: physical).given
    }
    let crooked = [
      IOVARange(first: IOVA(0x2001), last: IOVA(0x27ff))!,
      IOVARange(first: IOVA(0x2000), last: IOVA(0x2800))!,
    ]
    for range in crooked {
      #expect(map(range, to: 0) == .misaligned(range))
      #expect(oracle.unmap(range).given == .misaligned(range))
    }
    for range in [range(0x800, pages: 2), range(0x8800, pages: 2), range(1 << 50, pages: 1)] {
      #expect(map(range, to: 0) == .outsideAperture(range))
      #expect(oracle.unmap(range).given == .outsideAperture(range))
    }
    #expect(map(good, to: 0x801) == .misalignedPhysical(PhysicalAddress(0x801)))
    for physical in [limit.rawValue - 0x7ff, 1 << 40, UInt64.max - 0x7ff] {
      #expect(
        map(good, to: physical) == .beyondFormat(PhysicalAddress(physical), limit: limit))
    }
    #expect(oracle.table.tablesAllocated == 1)
    #expect(oracle.firstDifference() == nil)
    #expect(map(good, to: limit.rawValue - 0xfff) == nil)
    #expect(oracle.firstDifference() == nil)
  }

  @Test("An overlap is refused and names the first page that is taken, in whichever leaf table")
  func overlap() throws {
    let oracle = try TableOracle<TinyFormat>(aperture)
    #expect(oracle.map(range(0x5000, pages: 2), to: 0x10_0000).given == nil)
    #expect(
      oracle.map(range(0x5800, pages: 1), to: 0).given == .overlap(range(0x5800, pages: 1)))
    #expect(
      oracle.map(range(0, pages: 20), to: 0).given == .overlap(range(0x5000, pages: 1)))
    #expect(oracle.firstDifference() == nil)
  }

  @Test("Unmapping what is not mapped is refused and names the page, in whichever leaf table")
  func notMapped() throws {
    let oracle = try TableOracle<TinyFormat>(aperture)
    #expect(oracle.unmap(range(0x1000, pages: 1)).given == .notMapped(IOVA(0x1000)))
    #expect(oracle.map(range(0, pages: 10), to: 0).given == nil)
    #expect(oracle.unmap(range(0x800, pages: 12)).given == .notMapped(IOVA(0x5000)))
    #expect(oracle.firstDifference() == nil)
    #expect(oracle.unmap(range(0x800, pages: 9)).given == nil)
    #expect(oracle.firstDifference() == nil)
  }

  @Test("A trusted caller's runs map and unmap without any entry being read")
  func trusted() throws {
    let oracle = try TableOracle<TinyFormat>(aperture)
    let range = range(0x800, pages: 9)
    try oracle.table.map(
      range, to: PhysicalAddress(0), .readWrite, checking: TrustedEntries.self)
    let before = oracle.memory.state.loads.load(ordering: .relaxed)
    for _ in 0..<3 {
      try oracle.table.unmap(range, checking: TrustedEntries.self)
      try oracle.table.map(
        range, to: PhysicalAddress(0), .readWrite, checking: TrustedEntries.self)
    }
    #expect(oracle.memory.state.loads.load(ordering: .relaxed) == before)
    try oracle.table.unmap(range, checking: TrustedEntries.self)
    #expect(oracle.firstDifference() == nil)
    // The count is still checked: an empty leaf table has nothing to unmap.
    #expect(throws: TableError.notMapped(range.first)) {
      try oracle.table.unmap(range, checking: TrustedEntries.self)
    }
  }

  @Test("Segments are the longest runs of memory, cut to the bytes that were asked for")
  func segments() throws {
    let oracle = try TableOracle<TinyFormat>(aperture)
    #expect(oracle.map(range(0x1000, pages: 6), to: 0x10_0000).given == nil)
    #expect(oracle.map(range(0x4000, pages: 1), to: 0x10_3000).given == nil)
    #expect(oracle.map(range(0x4800, pages: 1), to: 0x10_3800, .read).given == nil)
    #expect(oracle.map(range(0x7_f800, pages: 1), to: 0x800).given == nil)
    var found: [TableSegment] = []
    oracle.table.forEachSegment(in: IOVARange(first: IOVA(0x1010), last: IOVA(0x7_f80f))!) {
      (segment: TableSegment) in found.append(segment)
    }
    #expect(
      found.map(\.device) == [
        IOVARange(first: IOVA(0x1010), last: IOVA(0x47ff))!,
        IOVARange(first: IOVA(0x4800), last: IOVA(0x4fff))!,
        IOVARange(first: IOVA(0x7_f800), last: IOVA(0x7_f80f))!,
      ])
    #expect(found.map(\.memory.rawValue) == [0x10_0010, 0x10_3800, 0x800])
    #expect(found.map(\.permission) == [.readWrite, .read, .readWrite])
  }

  @Test("An unmap adds its range and pages to the gather, a refused one nothing")
  func gather() throws {
    let oracle = try TableOracle<TinyFormat>(aperture)
    var gather = InvalidationGather()
    #expect(throws: TableError.notMapped(IOVA(0))) {
      try oracle.table.unmap(range(0, pages: 1), gather: &gather)
    }
    #expect(gather.isEmpty && gather.range == nil)
    #expect(oracle.map(range(0x1000, pages: 4), to: 0).given == nil)
    #expect(oracle.map(range(0x8000, pages: 1), to: 0).given == nil)
    try oracle.table.unmap(range(0x8000, pages: 1), gather: &gather)
    try oracle.table.unmap(range(0x1000, pages: 4), gather: &gather)
    #expect(gather.range == IOVARange(first: IOVA(0x1000), last: IOVA(0x87ff))!)
    #expect(gather.pages == PageCount(5))
    gather.reset()
    #expect(gather.isEmpty)
  }
}
