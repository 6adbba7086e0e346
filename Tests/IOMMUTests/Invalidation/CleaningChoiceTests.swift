import IOMMU
import TestSupport
import Testing

/// What `rollover` issues when pages come of age, against every other way to do it.
@Suite struct CleaningChoiceTests {
  private static let pages: UInt64 = 1_536
  /// The number of the aperture's first page, from address 0 on.
  private static let base: UInt64 = 1 << 20

  private static func issuer(
    _ cost: InvalidationCost, pages: UInt64 = pages, tables: UInt64 = .max
  ) -> NotingIssuer {
    let scheme = RolloverScheme(
      allocator: RolloverAllocator(
        aperture: aperture(pages: pages, first: base << 12), granule: .fourKiB, cpus: 1),
      age: .milliseconds(1), cost: cost)
    return NotingIssuer(scheme, tablesInUse: tables)
  }

  /// The runs of neighbouring numbers in `stale`, which ascends.
  private static func runs(_ stale: [UInt64]) -> [ClosedRange<UInt64>] {
    var runs: [ClosedRange<UInt64>] = []
    for page in stale {
      if let last = runs.last, last.upperBound + 1 == page {
        runs[runs.count - 1] = last.lowerBound...page
      } else {
        runs.append(page...page)
      }
    }
    return runs
  }

  /// The least cost of all ways to cover `runs` by ranges: each gap is bridged or not.
  private static func cheapest(
    _ runs: [ClosedRange<UInt64>], _ cost: InvalidationCost
  ) -> UInt64 {
    var least = UInt64.max
    for choice in 0..<(1 << (runs.count - 1)) {
      var sum: UInt64 = 0
      var current = runs[0]
      for (index, run) in runs.dropFirst().enumerated() {
        if choice >> index & 1 == 1 {
          current = current.lowerBound...run.upperBound
        } else {
          sum += cost.of(pages: current)
          current = run
        }
      }
      least = min(least, sum + cost.of(pages: current))
    }
    return least
  }

  /// Up to nine stale pages or runs of pages, near and far apart.
  private static func randomStale(_ random: inout SplitMix64) -> [UInt64] {
    var stale: Set<UInt64> = []
    var page = random.below(pages)
    for _ in 0..<1 + random.below(9) {
      for next in page...min(page + random.below(4), pages - 1) { stale.insert(next) }
      page = random.oneIn(2) ? random.below(pages) : (page + 1 + random.below(90)) % pages
    }
    return stale.sorted()
  }

  @Test func whatIsIssuedCostsNoMoreThanAnyOtherWay() throws {
    var random = SplitMix64(seed: 5)
    var globals = 0
    var several = 0
    for round in 0..<120 {
      let cost = InvalidationCost(
        instruction: Nanoseconds(1 + random.below(2_000)),
        kibipage: Nanoseconds(random.below(1 << (2 + random.below(15)))),
        kibitable: Nanoseconds(random.oneIn(2) ? 0 : random.below(1 << 20)),
        absentTables: random.oneIn(2) ? .scanned : .skipped,
        tablePagesLog2: random.oneIn(2) ? 8 : 9)
      let tables = random.oneIn(2) ? .max : 1 + random.below(6)
      let issuer = Self.issuer(cost, tables: tables)
      let stale = Self.randomStale(&random)
      try issuer.makeStale(stale.shuffled(using: &random))
      issuer.age()
      #expect(issuer.scheme.allocator.stalePages == 0)
      let global = cost.ofAll(pages: Self.pages, tables: tables)
      let issued =
        issuer.globals > 0
        ? global
        : issuer.ranges.reduce(0) {
          $0 + cost.of(pages: $1.first.rawValue >> 12...$1.last.rawValue >> 12)
        }
      #expect(issuer.globals == 0 || issuer.ranges.isEmpty, "one kind alone")
      let runs = Self.runs(stale.map { $0 + Self.base })
      #expect(issued == min(Self.cheapest(runs, cost), global), "round \(round)")
      globals += issuer.globals
      several += issuer.ranges.count > 1 ? 1 : 0
      for page in stale where issuer.globals == 0 {
        let address = IOVA((page + Self.base) << 12)
        #expect(issuer.ranges.contains { $0.contains(address) })
      }
    }
    #expect(globals > 10 && several > 10, "\(globals) global, \(several) of several ranges")
  }

  @Test func manyGroupsAreWeighedInBatchesAndCostTwiceTheLeastAtMost() throws {
    // A page in every second table: as many groups as there are pages, too far apart to join.
    let pages: UInt64 = 256 * 400
    let stale = (0..<200).map { UInt64($0) * 512 }
    for kibipage in [100, 2_000, 100_000] as [UInt64] {
      let cost = InvalidationCost(
        instruction: Nanoseconds(1_000), kibipage: Nanoseconds(kibipage))
      let issuer = Self.issuer(cost, pages: pages)
      try issuer.makeStale(stale)
      issuer.age()
      #expect(issuer.scheme.allocator.stalePages == 0)
      let global = cost.ofAll(pages: pages, tables: .max)
      let ranges = issuer.ranges.reduce(0) {
        $0 + cost.of(pages: $1.first.rawValue >> 12...$1.last.rawValue >> 12)
      }
      let least = min(200 * cost.of(pages: 0...0), global)
      #expect(ranges + UInt64(issuer.globals) * global <= 2 * least)
    }
  }

  @Test func aRangeThatFailsLeavesTheRestStale() throws {
    let cost = InvalidationCost(instruction: Nanoseconds(10), kibipage: Nanoseconds(100_000))
    let issuer = Self.issuer(cost)
    issuer.failing = 1
    try issuer.makeStale([3, 700, 1_400])
    issuer.age()
    #expect(issuer.ranges.count == 2 && issuer.globals == 0)
    #expect(issuer.scheme.allocator.stalePages == 2)
    // The next time they are all begun on again.
    issuer.failing = nil
    issuer.age()
    #expect(issuer.scheme.allocator.stalePages == 0)
    #expect(issuer.ranges.count == 4)
  }
}
