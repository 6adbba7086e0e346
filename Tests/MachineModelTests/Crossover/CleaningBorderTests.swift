import IOMMU
import Testing
import ZPCI

@testable import MachineModel

/// What `rollover` issues on the machine while a page's cost goes through the border.
struct CleaningBorderTests {
  /// Stale pages from the first of the aperture to its last, every 33rd of 1,024: 32 refreshes and
  /// one over all cost the same where the 32 pages of a gap cost as much as a trap.
  private static let stale = (0..<32).map { UInt64($0) * 33 }

  /// The refreshes issued, and what they took the machine but for unpinning, in picoseconds.
  private static func clean(
    pageScanned: UInt64, tableScanned: UInt64 = 0, _ rule: AbsentTableRule = .scanned
  ) throws -> (ranges: UInt64, globals: UInt64, picoseconds: UInt64, prices: RefreshPrices) {
    var description = Rig.small()
    let bench = try StackBench(
      format: S390ThreeLevel.self, promise: .untilInvalidation,
      description: {
        $0.refresh.pageScannedPicoseconds = pageScanned
        $0.refresh.tableScannedPicoseconds = tableScanned
        $0.refresh.absentTables = rule
        // In whole nanoseconds, so that a sum of times is the time of the sum.
        $0.refresh.pageChangedPicoseconds = 0
        description = $0
      }
    ) {
      RolloverScheme(
        allocator: RolloverAllocator(aperture: $0, granule: .fourKiB, cpus: 1),
        staleLimit: 32, cost: description.invalidationCost)
    }
    let buffer = try bench.buffer()
    var held: [HeldMapping] = []
    for _ in 0..<1_024 {
      held.append(HeldMapping(try bench.domain.map(buffer, FromDevice.self, on: .boot)))
    }
    let before = bench.machine.refreshTotals
    for page in stale { held[Int(page)].unmap(from: bench.domain) }
    let after = bench.machine.refreshTotals
    for page in 0..<1_024 where !stale.contains(UInt64(page)) {
      held[page].unmap(from: bench.domain)
    }
    bench.finish()
    bench.expect(broken: [])
    return (
      after.range - before.range, after.global - before.global,
      (after.nanoseconds - before.nanoseconds) * 1_000, RefreshPrices(description)
    )
  }

  /// 1,000 ns over 32 pages: 31,250 ps a page.
  @Test(arguments: [1_000, 20_000, 31_000, 31_249, 31_250, 31_251, 32_000, 60_000, 500_000])
  func theChoiceFlipsExactlyAtTheBorder(pageScanned: UInt64) throws {
    let done = try Self.clean(pageScanned: pageScanned)
    if pageScanned <= 31_250 {
      #expect(done.globals == 1 && done.ranges == 0)
    } else {
      #expect(done.globals == 0 && done.ranges == 32)
    }
    // What the machine charged is what the prices say, and no more than the other way.
    let apart = 32 * done.prices.range(pages: 1)
    let together = done.prices.global(tables: 4)
    let chosen = done.globals == 1 ? together : apart
    // A fraction of a nanosecond is carried over from one refresh to the next.
    #expect((Int64(done.picoseconds) - Int64(chosen)).magnitude < 1_000)
    #expect(chosen == min(apart, together))
  }

  /// With a table's cost, joining within a table saves a visit, and across one more does not.
  @Test func visitsToTablesMoveTheBorder() throws {
    // A gap of 32 pages in one table is worth it up to a trap and a visit: 62,500 ps.
    for page in [32_000, 62_400, 62_500] as [UInt64] {
      let done = try Self.clean(pageScanned: page, tableScanned: 1_000_000)
      // The three gaps between tables are not worth it above 31,250 ps: four ranges.
      #expect(done.ranges == 4 && done.globals == 0)
    }
    let apart = try Self.clean(pageScanned: 62_600, tableScanned: 1_000_000)
    #expect(apart.ranges == 32 && apart.globals == 0)
  }
}
