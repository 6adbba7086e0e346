import IOMMU
import Testing
import ZPCI

@testable import MachineModel

/// The prices against what the machine charges, and the borders against trying every number.
struct RefreshPriceTests {
  /// What a refresh takes the machine on top of pinning, with pages mapped in two of four tables.
  @Test(arguments: [AbsentTableRule.scanned, .skipped])
  func theMachineChargesThePrices(_ rule: AbsentTableRule) throws {
    var description = Rig.small()
    description.refresh.tableScannedPicoseconds = 7_000
    description.refresh.absentTables = rule
    let rig = try Rig(description)
    try rig.start()
    // Two tables, the second of them emptied again: it is present all the same.
    for page in [0, 5, 600] as [UInt64] { try rig.table.map(rig.first + page << 12, to: 0x80_0000) }
    try rig.table.unmap(rig.first + 600 << 12)
    let prices = RefreshPrices(description)
    func taken(_ refresh: () -> InstructionResult) -> UInt64 {
      let before = rig.machine.refreshTotals
      #expect(refresh() == .success)
      let after = rig.machine.refreshTotals
      let changed = after.pagesChanged - before.pagesChanged
      return (after.nanoseconds - before.nanoseconds) * 1_000 - changed
        * description.refresh.pageChangedPicoseconds
    }
    #expect(taken { rig.refreshAll() } == prices.global(tables: 2))
    // A second time nothing changed, and it is a comparison all the same.
    #expect(taken { rig.refreshAll() } == prices.global(tables: 2))
    #expect(taken { rig.refresh(rig.first, pages: 1) } == prices.range(pages: 1))
    #expect(taken { rig.refresh(rig.first, pages: 256) } == prices.range(pages: 256))
    #expect(rig.machine.refreshTotals.globalTablesScanned == 4)
    #expect(rig.machine.refreshTotals.tablesScanned == 6)
    let absent = rule == .scanned ? 1_024 : 512 as UInt64
    #expect(prices.globalPages(tables: 2) == absent)
  }

  /// A mebibyte whose table goes away costs its unpinning, and nothing to pass where it is skipped.
  @Test(arguments: [AbsentTableRule.scanned, .skipped])
  func aTableThatIsGoneIsAbsent(_ rule: AbsentTableRule) throws {
    var description = Rig.small()
    description.refresh.absentTables = rule
    let rig = try Rig(description)
    try rig.start()
    for page in 0..<10 as Range<UInt64> {
      try rig.table.map(rig.first + page << 12, to: 0x80_0000)
    }
    #expect(rig.refreshAll() == .success)
    let before = rig.machine.refreshTotals
    rig.machine.memory.storeEntry(0x20, at: try rig.table.segmentSlot(rig.first))
    #expect(rig.refreshAll() == .success)
    let after = rig.machine.refreshTotals
    #expect(after.pagesChanged - before.pagesChanged == 10)
    #expect(after.pagesScanned - before.pagesScanned == (rule == .scanned ? 1_024 : 0))
  }

  private static func random(_ random: inout RandomStream) -> RefreshPrices {
    RefreshPrices(
      trap: random.next(below: 1 << (1 + random.next(below: 16))),
      page: random.next(below: 4) == 0 ? 0 : random.next(below: 1 << (1 + random.next(below: 10))),
      table: random.next(below: 2) == 0 ? 0 : random.next(below: 20_000),
      absentTables: random.next(below: 2) == 0 ? .scanned : .skipped,
      aperturePages: 256 * (1 + random.next(below: 12)))
  }

  /// A second for each page or table of the largest aperture passes 64 bits; no border traps.
  @Test(arguments: [AbsentTableRule.scanned, .skipped], [0, 1, 1 << 22, UInt64.max])
  func costsBeyondTheRangeHaveBordersToo(_ rule: AbsentTableRule, _ tables: UInt64) {
    let second: UInt64 = 1_000_000_000_000
    for (page, table) in [(second, 0), (0, second), (1, second), (second, second), (.max, .max)] {
      let prices = RefreshPrices(
        trap: second, page: page, table: table, absentTables: rule, aperturePages: 1 << 30)
      for unmaps in [1, 256, UInt64.max] {
        let side = prices.side(unmaps: unmaps, tables: tables)
        let aperture = prices.largestAperture(unmaps: unmaps, tables: tables)
        // More tables than the aperture has room for cannot be present.
        if aperture == 0 && tables <= 1 << 22 {
          #expect(side == .selective)
        }
        if prices.largestTables(unmaps: unmaps) == nil { #expect(side == .full) }
      }
    }
  }

  @Test func theBorderIsTheFirstNumberForWhichFullIsCheaper() {
    var random = RandomStream(seed: 1, name: "prices")
    for _ in 0..<300 {
      let prices = Self.random(&random)
      let tables = 1 + random.next(below: 12)
      var apart: UInt64 = 0
      let global = prices.global(tables: tables)
      let single = prices.range(pages: 1)
      let cheaper = (1...5_000 as ClosedRange<UInt64>).first { _ in
        apart += single
        return global < apart
      }
      guard let border = prices.breakEven(tables: tables) else {
        #expect(cheaper == nil)
        continue
      }
      #expect(cheaper == (border <= 5_000 ? border : nil))
      #expect(prices.side(unmaps: border, tables: tables) == .full)
      #expect(prices.side(unmaps: border - 1, tables: tables) == .selective)
    }
  }

  @Test func theLargestApertureAndNumberOfTablesAreThoseThatTryingFinds() {
    var random = RandomStream(seed: 2, name: "prices")
    for _ in 0..<300 {
      var prices = Self.random(&random)
      let unmaps = 1 + random.next(below: 64)
      let tables = 1 + random.next(below: 4)
      // Enough pages that the tables are always all of them there.
      let aperture = prices.largestAperture(unmaps: unmaps, tables: tables)
      let tried = (4...4_000 as ClosedRange<UInt64>).last { size -> Bool in
        prices.aperturePages = size * 256
        return prices.side(unmaps: unmaps, tables: tables) == .full
      }
      switch aperture {
      case nil: #expect(tried == 4_000)
      case let pages? where pages >= 4 * 256 && pages < 4_000 * 256:
        #expect(tried == pages / 256)
      case let pages?: #expect(tried == (pages < 4 * 256 ? nil : 4_000))
      }
      prices.aperturePages = 256 * 4_000
      let most = prices.largestTables(unmaps: unmaps)
      let found = (1...4_000 as ClosedRange<UInt64>).last {
        prices.side(unmaps: unmaps, tables: $0) == .full
      }
      switch most {
      case nil: #expect(found == 4_000)
      case 0?: #expect(found == nil)
      case let count?: #expect(found == min(count, 4_000))
      }
    }
  }
}
