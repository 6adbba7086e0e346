import IOMMU
import Testing

/// Single pages for devices that need not be told: mapped through their chunk's lease.
@Suite struct QuickMappingTests {
  private func bench(
    pages: UInt64 = 4_096, options: PagingDomainOptions = PagingDomainOptions(),
    tableBytes: Int = 4 << 20
  ) throws -> TestBench<RolloverScheme> {
    let control = RecordingControl()
    control.requiresMapSideInvalidation = false
    return try TestBench(
      rollover(pages: pages), options: options, control: control,
      memory: TestMemory(tableBytes: tableBytes))
  }

  @Test("Each page translates to its buffer while it is mapped, and to nothing afterwards")
  func translations() throws {
    let bench = try bench()
    let tokens = TokenShelf(count: 600)
    for index in 0..<tokens.count {
      tokens.put(
        try bench.domain.map(buffer(UInt64(index + 9)), FromDevice.self, on: .boot), at: index)
    }
    // Every other page goes first, so that words and chunks are half empty for a while.
    for parity in 0..<2 {
      for index in stride(from: parity, to: tokens.count, by: 2) {
        let first = try #require(tokens.device(index)?.first)
        let physical = bench.domain.table.lookup(first)?.physical
        #expect(physical == PhysicalAddress(UInt64(index + 9) << 12))
        tokens.unmap(index, from: bench.domain)
        let isGone = bench.domain.table.lookup(first) == nil
        #expect(isGone)
      }
    }
    #expect(bench.domain.liveMappings == 0)
    #expect(bench.domain.counters.pagesMapped == 600)
    #expect(bench.domain.counters.pagesUnmapped == 600)
    #expect(bench.control.calls.isEmpty)
    #expect(bench.domain.staleWindow.stalePages == 600)
  }

  @Test("Bytes within a page keep their place, and the direction its permission")
  func bytesWithinAPage() throws {
    let bench = try bench()
    for _ in 0..<3 {
      let bytes = PhysicalRange(first: PhysicalAddress(0x7_0f00), byteCount: 0x80)!
      let mapping = try bench.domain.map(bytes, ToDevice.self, on: .boot)
      let device = mapping.device
      let found = bench.domain.table.lookup(device.first)
      #expect(device.byteCount == 0x80)
      #expect(found?.physical == PhysicalAddress(0x7_0f00))
      #expect(found?.permission == .read)
      bench.domain.unmap(mapping, on: .boot)
    }
  }

  @Test("A leased page's token that another domain gets is quarantined by its own, and not retired")
  func foreignToken() throws {
    let bench = try bench()
    let other = try self.bench()
    // The first begins the lease; the other domain has one as well.
    let own = try bench.domain.map(buffer(1), FromDevice.self, on: .boot)
    let begun = try other.domain.map(buffer(1), FromDevice.self, on: .boot)
    let leased = try bench.domain.map(buffer(2), FromDevice.self, on: .boot)
    let (first, isBounced) = (leased.device.first, leased.isBounced)
    #expect(!isBounced)
    other.domain.unmap(leased, on: .boot)
    #expect(bench.domain.quarantineRecord.pages == 1)
    #expect(other.domain.quarantineRecord.pages == 0)
    #expect(bench.domain.table.lookup(first)?.physical == PhysicalAddress(2 << 12))
    #expect(bench.domain.liveMappings == 2)
    #expect(other.domain.liveMappings == 1)
    bench.domain.unmap(own, on: .boot)
    other.domain.unmap(begun, on: .boot)
    #expect(bench.domain.liveMappings == 1)
  }

  @Test("What processors count of leased pages adds up, whoever takes them back")
  func countsOfProcessors() throws {
    let bench = try bench()
    let tokens = TokenShelf(count: 200)
    for index in 0..<tokens.count {
      tokens.put(
        try bench.domain.map(buffer(UInt64(index)), FromDevice.self, on: CPUIndex(index & 3)),
        at: index)
    }
    #expect(bench.domain.counters[.maps] == 200)
    #expect(bench.domain.liveMappings == 200)
    for index in 0..<tokens.count { tokens.unmap(index, from: bench.domain) }
    #expect(bench.domain.counters[.unmaps] == 200)
    #expect(bench.domain.liveMappings == 0)
  }

  @Test("Tables of chunks that nobody needs are freed, though nothing was flushed")
  func idleTables() throws {
    // 512 chunks, every one of which is used once.
    let bench = try bench(
      pages: 512 * 256, options: PagingDomainOptions(emptyTableLimit: 4))
    for index in 0..<(512 * 256 as UInt64) {
      let mapping = try bench.domain.map(buffer(index & 63), FromDevice.self, on: .boot)
      bench.domain.unmap(mapping, on: .boot)
      if index & 255 == 255 {
        // An eighth of the chunks, the limit, and what is being looked at.
        #expect(bench.domain.table.tablesLive <= 512 / 8 + 4 + 8)
      }
    }
    #expect(bench.domain.table.tablesAllocated > 250)
  }

  @Test("Where memory for tables is short, leases that are not needed end")
  func shortOfTableMemory() throws {
    // Four tables of 16 KiB, two of them leaves, for 64 chunks.
    let bench = try bench(pages: 64 * 256, tableBytes: 64 << 10)
    for index in 0..<(3 * 64 * 256 as UInt64) {
      let mapping = try bench.domain.map(buffer(index & 63), FromDevice.self, on: .boot)
      bench.domain.unmap(mapping, on: .boot)
    }
    #expect(bench.domain.counters[.tables] > 0)
  }

  @Test("A lease is not taken for a page of its table, nor a full table for one with a lease")
  func leaseInFullTable() throws {
    let bench = try bench()
    let mapping = try bench.domain.map(buffer(1), FromDevice.self, on: .boot)
    let page = mapping.device.aligned(to: .fourKiB)
    bench.domain.unmap(mapping, on: .boot)
    let base = page.first.alignedDown(log2: 20)
    let table = try #require(IOVARange(first: base, byteCount: 1 << 20))
    let before = page.first.rawValue - base.rawValue
    // All others, around the page that had the lease.
    if let front = IOVARange(first: base, byteCount: before) {
      try bench.domain.table.map(front, to: PhysicalAddress(0), .readWrite)
    }
    let next = IOVA(page.last.rawValue + 1)
    if let back = IOVARange(first: next, byteCount: (1 << 20) - before - 0x1000) {
      try bench.domain.table.map(back, to: PhysicalAddress(0), .readWrite)
    }
    #expect(throws: TableError.notMapped(page.first)) { try bench.domain.table.unmap(table) }
    try bench.domain.table.map(page, to: PhysicalAddress(0), .readWrite)
    #expect(throws: TableError.overlap(IOVARange(byte: base).aligned(to: .fourKiB))) {
      try bench.domain.table.map(table, to: PhysicalAddress(0), .readWrite)
    }
    try bench.domain.table.unmap(table)
    let isGone = bench.domain.table.lookup(page.first) == nil
    #expect(isGone)
    #expect(throws: TableError.notMapped(base)) { try bench.domain.table.unmap(table) }
  }

  @Test("A device that joins and has to be told is told of every mapping from then on")
  func deviceThatJoins() throws {
    let bench = try bench()
    let quiet = try bench.domain.map(buffer(1), FromDevice.self, on: .boot)
    let quick = try bench.domain.map(buffer(2), FromDevice.self, on: .boot)
    let told = RecordingControl()
    try bench.group.add(DMADevice(control: told), on: .boot)
    told.forget()
    let third = try bench.domain.map(buffer(3), FromDevice.self, on: .boot)
    let range = third.device
    #expect(told.calls == [.range(range)])
    bench.domain.unmap(quick, on: .boot)
    bench.domain.unmap(third, on: .boot)
    bench.domain.unmap(quiet, on: .boot)
    #expect(bench.domain.liveMappings == 0)
    #expect(bench.domain.quarantineRecord.ranges == 0)
  }

  @Test("Nothing is mapped for a domain whose last device has left")
  func noDevice() throws {
    let bench = try bench()
    let mapping = try bench.domain.map(buffer(1), FromDevice.self, on: .boot)
    bench.domain.unmap(mapping, on: .boot)
    try bench.group.detach(on: .boot)
    #expect(throws: MapError.blocked) {
      let refused = try bench.domain.map(buffer(2), FromDevice.self, on: .boot)
      bench.domain.unmap(refused, on: .boot)
    }
  }

  @Test("A device's mask below the aperture's end is kept")
  func limitedDevice() throws {
    // Sixteen pages lie below the mask, 4,080 above.
    let mask = (UInt64(1) << 32) + (16 << 12) - 1
    let bench = try bench(options: PagingDomainOptions(limits: DeviceLimits(mask: mask)))
    let tokens = TokenShelf(count: 16)
    for index in 0..<16 {
      tokens.put(
        try bench.domain.map(buffer(UInt64(index)), FromDevice.self, on: .boot), at: index)
      let last = try #require(tokens.device(index)?.last)
      #expect(last.rawValue <= mask)
    }
    #expect(throws: MapError.self) {
      let beyond = try bench.domain.map(buffer(99), FromDevice.self, on: .boot)
      bench.domain.unmap(beyond, on: .boot)
    }
    for index in 0..<16 { tokens.unmap(index, from: bench.domain) }
  }
}
