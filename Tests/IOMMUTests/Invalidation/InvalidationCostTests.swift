import IOMMU
import TestSupport
import Testing

@Suite struct InvalidationCostTests {
  private static func random(_ random: inout SplitMix64) -> InvalidationCost {
    InvalidationCost(
      instruction: Nanoseconds(random.next() % 4_000),
      kibipage: Nanoseconds(random.next() % (1 << (random.next() % 16))),
      kibitable: Nanoseconds(random.next() % (1 << (random.next() % 24))),
      absentTables: random.next() % 2 == 0 ? .scanned : .skipped,
      tablePagesLog2: UInt8(random.next() % 5 + 5))
  }

  @Test func aRangeCostsATrapItsPagesAndItsTables() {
    var random = SplitMix64(seed: 1)
    for _ in 0..<2_000 {
      let cost = Self.random(&random)
      let first = random.next() % 5_000
      let last = first + random.next() % 5_000
      let size: UInt64 = 1 << UInt64(cost.tablePagesLog2)
      let tables = UInt64(Set((first...last).map { $0 / size }).count)
      let expected =
        cost.instruction.rawValue * 1_024 + (last - first + 1) * cost.kibipage.rawValue + tables
        * cost.kibitable.rawValue
      #expect(cost.of(pages: first...last) == expected)
    }
  }

  @Test func joiningIsWorthItExactlyWhereItCostsNoMore() {
    var random = SplitMix64(seed: 2)
    var joined = 0
    for _ in 0..<20_000 {
      let cost = Self.random(&random)
      let first = random.next() % 2_000
      let last = first + random.next() % 600
      let next = last + 1 + random.next() % 3_000
      let end = next + random.next() % 600
      let apart = cost.of(pages: first...last) + cost.of(pages: next...end)
      let together = cost.of(pages: first...end)
      #expect(cost.isWorthBridging(from: last, to: next) == (together <= apart))
      joined += together <= apart ? 1 : 0
      let isShort = next - last - 1 <= cost.pagesPerInstruction
      #expect(!isShort || together <= apart, "a gap that is worth bridging anywhere")
    }
    #expect(joined > 2_000 && joined < 18_000, "both answers came up: \(joined)")
  }

  @Test func everythingCostsByTheTablesThatAreThereWhereOthersAreSkipped() {
    let costs = [AbsentTables.scanned, .skipped].map {
      InvalidationCost(
        instruction: Nanoseconds(10), kibipage: Nanoseconds(7), kibitable: Nanoseconds(100),
        absentTables: $0)
    }
    #expect(costs[0].ofAll(pages: 1_024, tables: 3) == 10_240 + 1_024 * 7 + 3 * 100)
    #expect(costs[1].ofAll(pages: 1_024, tables: 3) == 10_240 + 768 * 7 + 3 * 100)
    // No more tables than there is room for, and no more pages than there are.
    #expect(costs[1].ofAll(pages: 1_000, tables: .max) == 10_240 + 1_000 * 7 + 4 * 100)
    #expect(costs[0].ofAll(pages: 1_024, tables: .max) == costs[0].of(pages: 0...1_023))
  }

  @Test func costsBeyond64BitsStayTheHighest() {
    let cost = InvalidationCost(
      instruction: Nanoseconds(.max), kibipage: Nanoseconds(.max), kibitable: Nanoseconds(.max))
    #expect(cost.of(pages: 0...(.max - 1)) == .max)
    #expect(cost.ofAll(pages: .max, tables: .max) == .max)
    #expect(cost.isWorthBridging(from: 0, to: .max))
  }

  @Test func pagesAloneCostAsTheyDid() {
    let cost = InvalidationCost.shadowed
    #expect(cost.kibitable == Nanoseconds(0) && cost.absentTables == .scanned)
    #expect(cost.of(pages: 5...14) == 10_000 * 1_024 + 10 * 102_400)
    #expect(cost.pagesPerInstruction == 100)
  }
}
