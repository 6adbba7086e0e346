import IOMMU
import TestSupport
import Testing

@Suite("Translation table, random operations")
struct TranslationTableRandomTests {
  /// Maps, unmaps and looks up at random, and compares every answer with the dictionary's.
  private func run<Format: TableFormat>(
    _ format: Format.Type, aperture: IOVARange, operations: Int, longest: UInt64, seed: UInt64,
    keptTables: Int = .max
  ) throws {
    let oracle = try TableOracle<Format>(aperture, keptTables: keptTables)
    var random = SplitMix64(seed: seed)
    let bytes = Format.granule.byteCount
    let pageCount = aperture.pageCount(of: Format.granule).rawValue
    var mapped = 0
    var unmapped = 0
    for step in 0..<operations {
      let first = UInt64.random(in: 0..<pageCount, using: &random)
      let wide = UInt64.random(in: 0..<4, using: &random) == 0 ? longest : 3
      let count = min(UInt64.random(in: 1...wide, using: &random), pageCount - first)
      let range = IOVARange(
        first: IOVA(aperture.first.rawValue + first * bytes), byteCount: count * bytes)!
      switch UInt64.random(in: 0..<8, using: &random) {
      case 0..<4:
        let physical = UInt64.random(in: 0..<(1 << 20), using: &random) * bytes
        let permission: DevicePermission = Bool.random(using: &random) ? .read : .readWrite
        let answer = oracle.map(range, to: physical, permission)
        try #require(answer.wanted == answer.given, "step \(step)")
        if answer.given == nil { mapped += 1 }
      case 4..<7:
        let answer = oracle.unmap(range)
        try #require(answer.wanted == answer.given, "step \(step)")
        if answer.given == nil { unmapped += 1 }
      default:
        let address = range.first.rawValue
        try #require(oracle.lookup(address) == oracle.pages[address], "step \(step)")
      }
      if step % 97 == 0 {
        if keptTables == .max {
          oracle.collect(limit: 3)
        } else {
          oracle.table.cover(oracle.table.unlinkEmptyTables(limit: step % 2))
        }
      }
      if step % (operations / 8) == 0 {
        try #require(oracle.firstDifference() == nil, "step \(step)")
      }
    }
    #expect(oracle.firstDifference() == nil)
    // The run did what it was for.
    #expect(mapped > operations / 16 && unmapped > operations / 16)
  }

  @Test("Four levels of four entries hold what a dictionary holds")
  func tiny() throws {
    try run(
      TinyFormat.self, aperture: IOVARange(first: IOVA(0), byteCount: 512 << 10)!,
      operations: 200_000, longest: 40, seed: 1)
  }

  @Test("Where few empty tables are kept, it holds what a dictionary holds", arguments: [1, 2, 7])
  func fewKept(_ keptTables: Int) throws {
    try run(
      TinyFormat.self, aperture: IOVARange(first: IOVA(0), byteCount: 512 << 10)!,
      operations: 60_000, longest: 40, seed: 6, keptTables: keptTables)
  }

  @Test("An aperture that begins and ends within leaf tables holds what a dictionary holds")
  func unevenAperture() throws {
    try run(
      TinyFormat.self, aperture: IOVARange(first: IOVA(0x1800), last: IOVA(0x2_97ff))!,
      operations: 100_000, longest: 20, seed: 2)
  }

  @Test("The top of the 64-bit space holds what a dictionary holds")
  func top() throws {
    try run(
      DeepFormat.self,
      aperture: IOVARange(first: IOVA(.max - 0x7_ffff), last: IOVA(.max))!,
      operations: 60_000, longest: 30, seed: 3)
  }

  @Test("A table of one level holds what a dictionary holds")
  func flat() throws {
    try run(
      FlatFormat.self, aperture: IOVARange(first: IOVA(0), byteCount: 4 << 20)!,
      operations: 50_000, longest: 64, seed: 4)
  }

  @Test("Long runs over leaf tables of 256 entries hold what a dictionary holds")
  func wide() throws {
    try run(
      WideFormat.self, aperture: IOVARange(first: IOVA(0), byteCount: 16 << 20)!,
      operations: 20_000, longest: 700, seed: 5)
  }
}
