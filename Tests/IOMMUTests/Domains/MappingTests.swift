import IOMMU
import Testing

@Suite struct MappingTests {
  @Test func strictInvalidatesEachMapAndEachUnmapOnce() throws {
    let bench = try TestBench(strict())
    let mapping = try bench.domain.map(buffer(7), FromDevice.self, on: .boot)
    let range = mapping.device
    #expect(bench.control.calls == [.range(range)])
    let found = bench.domain.table.lookup(range.first)
    #expect(found?.physical == PhysicalAddress(7 << 12))
    bench.domain.unmap(mapping, on: .boot)
    #expect(bench.control.calls == [.range(range), .range(range)])
    let gone = bench.domain.table.lookup(range.first) == nil
    #expect(gone)
    #expect(bench.domain.counters[.map] == 1)
    #expect(bench.domain.counters[.unmap] == 1)
    #expect(bench.domain.staleWindow.pages == 0)
  }

  @Test func tokenNamesTheVeryBytesOfABufferInsidePages() throws {
    let bench = try TestBench(rollover())
    let bytes = PhysicalRange(first: PhysicalAddress(0x7_0f00), byteCount: 0x300)!
    let mapping = try bench.domain.map(bytes, ToDevice.self, on: .boot)
    let device = mapping.device
    #expect(device.first.rawValue & 0xfff == 0xf00)
    #expect(device.byteCount == 0x300)
    #expect(device.pageCount(of: .fourKiB) == PageCount(2))
    bench.domain.unmap(mapping, on: .boot)
    #expect(bench.domain.counters.pagesUnmapped == 2)
  }

  @Test func readOnlyDirectionGivesAReadOnlyEntry() throws {
    let bench = try TestBench(rollover())
    let sent = try bench.domain.map(buffer(1), ToDevice.self, on: .boot)
    let received = try bench.domain.map(buffer(2), FromDevice.self, on: .boot)
    let sending = bench.domain.table.lookup(sent.device.first)?.permission
    let receiving = bench.domain.table.lookup(received.device.first)?.permission
    #expect(sending == .read)
    #expect(receiving == .readWrite)
    bench.domain.unmap(sent, on: .boot)
    bench.domain.unmap(received, on: .boot)
  }

  @Test func batchAnnouncesOnceForAllMapsOfADoorbell() throws {
    let options = PagingDomainOptions(modifiers: .batch)
    let bench = try TestBench(rollover(), options: options)
    let first = try bench.domain.map(buffer(1), ToDevice.self, on: .boot)
    let second = try bench.domain.map(buffer(9, pages: 3), ToDevice.self, on: .boot)
    #expect(bench.control.calls.isEmpty)
    try bench.domain.synchronize(on: .boot)
    let both = first.device.union(second.device)
    #expect(bench.control.calls == [.range(both)])
    try bench.domain.synchronize(on: .boot)
    #expect(bench.control.calls.count == 1)
    bench.domain.unmap(first, on: .boot)
    bench.domain.unmap(second, on: .boot)
  }

  @Test func nothingIsAnnouncedToAFunctionThatNeedsNoRefresh() throws {
    let control = RecordingControl()
    control.requiresMapSideInvalidation = false
    let bench = try TestBench(strict(), control: control)
    let mapping = try bench.domain.map(buffer(1), ToDevice.self, on: .boot)
    #expect(control.calls.isEmpty)
    bench.domain.unmap(mapping, on: .boot)
    #expect(control.calls.count == 1)
  }

  @Test func reuseGivesTheOldTranslationBackWithoutAnyInstruction() throws {
    let options = PagingDomainOptions(modifiers: .reuse)
    let bench = try TestBench(rollover(), options: options)
    let first = try bench.domain.map(buffer(5), FromDevice.self, on: .boot)
    let device = first.device
    bench.domain.unmap(first, on: .boot)
    bench.control.forget()
    let again = try bench.domain.map(buffer(5), FromDevice.self, on: .boot)
    let returned = again.device
    #expect(returned == device)
    #expect(bench.control.calls.isEmpty)
    // The other direction is another translation.
    let other = try bench.domain.map(buffer(5), ToDevice.self, on: .boot)
    let different = other.device
    #expect(different != device)
    #expect(bench.domain.counters[.reuseHits] == 1)
    bench.domain.unmap(again, on: .boot)
    bench.domain.unmap(other, on: .boot)
  }

  @Test func globalInvalidationEndsReuse() throws {
    let options = PagingDomainOptions(modifiers: .reuse)
    let bench = try TestBench(rollover(), options: options)
    let first = try bench.domain.map(buffer(5), FromDevice.self, on: .boot)
    let device = first.device
    bench.domain.unmap(first, on: .boot)
    let before = bench.domain.table.lookup(device.first)?.physical
    #expect(before != nil)
    #expect(bench.domain.flushAll(.timeout, on: .boot))
    let after = bench.domain.table.lookup(device.first)?.physical
    #expect(after == nil)
    let again = try bench.domain.map(buffer(5), FromDevice.self, on: .boot)
    #expect(bench.domain.counters[.reuseHits] == 0)
    bench.domain.unmap(again, on: .boot)
  }

  @Test func blockedDomainMapsNothing() throws {
    let bench = try TestBench(rollover())
    try bench.group.detach(on: .boot)
    #expect(throws: MapError.blocked) {
      let mapping = try bench.domain.map(buffer(1), ToDevice.self, on: .boot)
      bench.domain.unmap(mapping, on: .boot)
    }
    #expect(throws: MapError.blocked) {
      let buffer = try bench.domain.allocateCoherent(byteCount: 64, on: .boot)
      bench.domain.freeCoherent(buffer, on: .boot)
    }
  }

  @Test func droppedTokenIsQuarantinedAndItsPagesAreNeverHandedOutAgain() throws {
    let bench = try TestBench(strict(pages: 8))
    do {
      let dropped = try bench.domain.map(buffer(1, pages: 2), FromDevice.self, on: .boot)
      _ = dropped.device
    }
    #expect(bench.domain.quarantineRecord.ranges == 1)
    #expect(bench.domain.quarantineRecord.pages == 2)
    let lost = try #require(bench.domain.quarantineRecord.latest)
    for _ in 0..<64 {
      let mapping = try bench.domain.map(buffer(3), FromDevice.self, on: .boot)
      let device = mapping.device
      #expect(!lost.overlaps(device))
      bench.domain.unmap(mapping, on: .boot)
    }
  }

  @Test func coherentBufferIsUsableAtOnceAndReturnsEverything() throws {
    let options = PagingDomainOptions(modifiers: .batch)
    let bench = try TestBench(rollover(), options: options)
    let coherent = try bench.domain.allocateCoherent(byteCount: 100, on: .boot)
    let (memory, device) = (coherent.memory, coherent.device)
    #expect(memory.byteCount == 4_096)
    #expect(bench.control.calls == [.range(device)])
    bench.domain.freeCoherent(coherent, on: .boot)
    #expect(bench.memory.buffersInUse == 0)
    #expect(bench.domain.liveMappings == 0)
  }
}
