import IOMMU
import TestSupport
import Testing

/// What a domain does about empty tables: a constant for each operation, and little is held.
@Suite struct FreeingTablesTests {
  private let limit = 32

  private var options: PagingDomainOptions { PagingDomainOptions(emptyTableLimit: limit) }

  /// Random ranges of up to `longest` pages come and go; looks at what each operation did.
  private func run<Scheme: InvalidationScheme>(
    _ scheme: Scheme, longest: UInt64, operations: Int
  ) throws -> TestBench<Scheme> {
    let bench = try TestBench(
      scheme, options: options, memory: TestMemory(tableBytes: 8 << 20))
    let table = { bench.domain.table.tablesFreed }
    let tokens = TokenShelf(count: 40)
    var random = SplitMix64(seed: 4)
    // Those that go first are those that came first: so whole tables become empty.
    for step in 0..<operations {
      let place = step % tokens.count
      let pages = UInt64.random(in: 1...longest, using: &random)
      let before = table()
      if step >= tokens.count { tokens.unmap(place, from: bench.domain) }
      // Two for each of two spans, and two under each invalidation.
      #expect(table() - before <= 8, "unmap \(step)")
      let between = table()
      tokens.put(
        try bench.domain.map(buffer(9, pages: pages), FromDevice.self, on: .boot), at: place)
      #expect(table() - between <= 2, "map \(step)")
      #expect(bench.domain.table.tablesUnlinked <= 2 * limit + 4)
      #expect(bench.domain.table.emptyTableCount <= 2 * limit)
    }
    for place in 0..<tokens.count { tokens.unmap(place, from: bench.domain) }
    return bench
  }

  @Test("Rollover frees its tables a few at a time, under one invalidation for many")
  func rolling() throws {
    let bench = try run(rollover(pages: 512 * 256), longest: 512, operations: 20_000)
    let freed = bench.domain.table.tablesFreed
    #expect(freed > 2_000)
    #expect(bench.domain.counters[.tables] <= freed / UInt64(limit) + 1)
  }

  @Test("A queue's flushes free its tables a few at a time")
  func queued() throws {
    let bench = try run(queue(pages: 512 * 256, entries: 64), longest: 512, operations: 10_000)
    let freed = bench.domain.table.tablesFreed
    #expect(freed > 100)
    #expect(bench.domain.counters[.tables] <= freed / UInt64(limit) + 1)
  }

  @Test("A strict domain keeps as many empty tables as the option says, and frees the oldest")
  func strictly() throws {
    let bench = try run(strict(pages: 512 * 256), longest: 512, operations: 10_000)
    let freed = bench.domain.table.tablesFreed
    #expect(bench.domain.counters[.tables] <= freed / UInt64(limit) + 1)
  }

  @Test("Where memory for tables is short, a few are freed at once, and the mapping is made")
  func shortage() throws {
    // Room for the upper tables and 100 leaf tables; each mapping needs another leaf table.
    let bench = try TestBench(
      rollover(pages: 512 * 512), memory: TestMemory(tableBytes: 120 << 14))
    var most: UInt64 = 0
    for round in 0..<2_000 as Range<UInt64> {
      let before = bench.domain.table.tablesFreed
      let mapping = try bench.domain.map(buffer(round, pages: 512), ToDevice.self, on: .boot)
      most = max(most, bench.domain.table.tablesFreed - before)
      bench.domain.unmap(mapping, on: .boot)
    }
    #expect(most <= UInt64(RolloverDomain.tablesPerShortage + 4))
    #expect(most > 2)
    #expect(bench.domain.table.tablesFreed > 1_000)
  }

  @Test("Where a few freed tables are not enough, all are freed before a mapping is refused")
  func largeShortage() throws {
    let bench = try TestBench(
      rollover(pages: 512 * 512), memory: TestMemory(tableBytes: 220 << 14))
    for round in 0..<20 as Range<UInt64> {
      let large = try bench.domain.map(buffer(0, pages: 512 * 190), ToDevice.self, on: .boot)
      bench.domain.unmap(large, on: .boot)
      let small = try bench.domain.map(buffer(round), ToDevice.self, on: .boot)
      bench.domain.unmap(small, on: .boot)
    }
    #expect(bench.domain.table.tablesFreed > 190)
    #expect(throws: MapError.self) {
      let refused = try bench.domain.map(
        buffer(0, pages: 512 * 230), ToDevice.self, on: .boot)
      bench.domain.unmap(refused, on: .boot)
    }
    let mapping = try bench.domain.map(buffer(0), ToDevice.self, on: .boot)
    bench.domain.unmap(mapping, on: .boot)
  }

  @Test("Tables whose invalidation fails are not freed, and the others go on")
  func failure() throws {
    let control = RecordingControl()
    control.requiresMapSideInvalidation = false
    let bench = try TestBench(rollover(pages: 512 * 256), options: options, control: control)
    for round in 0..<400 as Range<UInt64> {
      if round == 100 { control.failures = [.refused(conditionCode: 1, status: 0)] }
      let mapping = try bench.domain.map(buffer(round, pages: 512), ToDevice.self, on: .boot)
      bench.domain.unmap(mapping, on: .boot)
    }
    #expect(control.failures.isEmpty)
    #expect(bench.domain.counters[.failures] == 1)
    #expect(bench.domain.table.tablesFreed > 100)
    // One batch is quarantined; another may wait, or be on its way out.
    #expect(bench.domain.table.tablesUnlinked >= limit)
    #expect(bench.domain.table.tablesUnlinked <= 3 * limit + 4)
  }
}
