import IOMMU
import Testing

@Suite struct InvalidationFailureTests {
  @Test func outOfResourcesIsAnsweredByAGlobalRefreshAndARetry() throws {
    let bench = try TestBench(legacy())
    let stale = try bench.domain.map(buffer(1), ToDevice.self, on: .boot)
    bench.domain.unmap(stale, on: .boot)
    bench.control.forget()
    bench.control.failures = [.outOfResources]
    let mapping = try bench.domain.map(buffer(2), ToDevice.self, on: .boot)
    let device = mapping.device
    #expect(bench.control.calls == [.range(device), .all, .range(device)])
    // It counted as the policy's flush: nothing is stale any more.
    #expect(bench.domain.staleWindow.stalePages == 0)
    #expect(bench.domain.counters[.outOfResources] == 1)
    bench.domain.unmap(mapping, on: .boot)
  }

  @Test func secondFailureIsAnErrorAndLeavesNothingMapped() throws {
    let bench = try TestBench(rollover())
    bench.control.failures = [.outOfResources, nil, .outOfResources]
    #expect(throws: MapError.control(.outOfResources)) {
      let mapping = try bench.domain.map(buffer(2), ToDevice.self, on: .boot)
      bench.domain.unmap(mapping, on: .boot)
    }
    #expect(bench.domain.liveMappings == 0)
    let left = bench.domain.table.lookup(bench.domain.aperture.first)?.physical
    #expect(left == nil)
  }

  @Test(arguments: [true, false])
  func aCoherentBufferThatADeviceMayReachIsKept(_ canBeFlushed: Bool) throws {
    let bench = try TestBench(rollover())
    bench.control.failures = [
      .refused(conditionCode: 1, status: 4),
      canBeFlushed ? nil : .refused(conditionCode: 1, status: 4),
    ]
    #expect(throws: MapError.control(.refused(conditionCode: 1, status: 4))) {
      let buffer = try bench.domain.allocateCoherent(byteCount: 4_096, on: .boot)
      bench.domain.freeCoherent(buffer, on: .boot)
    }
    #expect(bench.control.calls.count == 2)
    #expect(bench.memory.buffersInUse == (canBeFlushed ? 0 : 1))
    #expect(bench.domain.liveMappings == 0)
  }

  @Test func strictUnmapWhoseInvalidationFailsQuarantinesTheRange() throws {
    let bench = try TestBench(strict())
    let mapping = try bench.domain.map(buffer(2), FromDevice.self, on: .boot)
    let device = mapping.device
    bench.control.failures = [.refused(conditionCode: 1, status: 4)]
    bench.domain.unmap(mapping, on: .boot)
    #expect(bench.domain.quarantineRecord.latest == device)
    #expect(bench.domain.counters[.failures] == 1)
  }

  @Test func deviceThatIsGoneCountsAsInvalidated() throws {
    let bench = try TestBench(strict())
    let mapping = try bench.domain.map(buffer(2), FromDevice.self, on: .boot)
    bench.control.failures = [.functionGone]
    bench.domain.unmap(mapping, on: .boot)
    #expect(bench.domain.quarantineRecord.ranges == 0)
    #expect(bench.domain.counters[.absentDevices] == 1)
  }

  @Test func failedFlushFreesNothing() throws {
    let bench = try TestBench(legacy(pages: 16))
    for page in 0..<15 as Range<UInt64> {
      let mapping = try bench.domain.map(buffer(page), ToDevice.self, on: .boot)
      bench.domain.unmap(mapping, on: .boot)
    }
    bench.control.failures = [.refused(conditionCode: 1, status: 0)]
    #expect(throws: MapError.self) {
      let mapping = try bench.domain.map(buffer(99), ToDevice.self, on: .boot)
      bench.domain.unmap(mapping, on: .boot)
    }
    #expect(bench.domain.staleWindow.stalePages == 15)
    // The next attempt succeeds.
    let mapping = try bench.domain.map(buffer(99), ToDevice.self, on: .boot)
    bench.domain.unmap(mapping, on: .boot)
  }

  @Test func tableMemoryComesBackWhenItRunsOut() throws {
    // Room for the upper tables and three leaf tables; each mapping needs another leaf table.
    let memory = TestMemory(tableBytes: 128 << 10)
    let bench = try TestBench(rollover(pages: 512 * 64), memory: memory)
    for round in 0..<200 as Range<UInt64> {
      let mapping = try bench.domain.map(buffer(round, pages: 256), ToDevice.self, on: .boot)
      bench.domain.unmap(mapping, on: .boot)
    }
    let freed = bench.domain.table.tablesFreed
    #expect(freed > 0)
    #expect(bench.domain.counters[.tables] > 0)
  }
}
