import IOMMU
import Testing
import ZPCI

@testable import MachineModel

/// Promise 6: an operation that throws leaves everything as it was.
struct ErrorStateTests {
  private typealias Bench = StackBench<S390ThreeLevel, StrictScheme<TreeAllocator>>

  private static func bench(tableBytes: UInt64 = 4 << 20) throws -> Bench {
    try StackBench(
      format: S390ThreeLevel.self, promise: .atUnmap,
      description: { $0.tableMemoryBytes = tableBytes }
    ) { StrictScheme(allocator: $0.tree) }
  }

  private static func snapshot(_ bench: Bench) -> ErrorStateChecker.Snapshot {
    ErrorStateChecker.Snapshot(
      liveMappings: bench.domain.liveMappings,
      translatedPages: UInt64(bench.checkers.ledger.liveCount),
      tableBytes: bench.machine.memory.tableBytesInUse,
      bufferBytes: bench.machine.memory.bufferBytesInUse)
  }

  @Test func anOperationThatThrowsAndLeavesSomethingMappedFires() throws {
    let bench = try Self.bench()
    let checker = ErrorStateChecker(log: bench.checkers.log)
    let buffer = try bench.buffer()
    var held: HeldMapping?
    let result = checker.watch(at: bench.machine.currentTime, { Self.snapshot(bench) }) {
      () throws(MapError) in
      held = HeldMapping(try bench.domain.map(buffer, FromDevice.self, on: .boot))
      throw .blocked
    }
    #expect(throws: MapError.blocked) { try result.get() }
    bench.expect(broken: [.errorState])
    held?.unmap(from: bench.domain)
  }

  @Test func anOperationThatThrowsAndTakesEverythingBackDoesNot() throws {
    let bench = try Self.bench()
    let checker = ErrorStateChecker(log: bench.checkers.log)
    // Its tables are there from now on.
    _ = try bench.mapAndUnmap(try bench.buffer())
    // Half pages make segments that cannot be joined, and there is room for one.
    let buffers = try (0..<3).map { _ in
      try #require(PhysicalRange(first: try bench.buffer().first, byteCount: 2_048))
    }
    let result = checker.watch(at: bench.machine.currentTime, { Self.snapshot(bench) }) {
      () throws(MapError) in
      _ = try [IOVARange](capacity: 1) { segments throws(MapError) in
        let list = try bench.domain.mapScatterGather(
          buffers.span, FromDevice.self, into: &segments, on: .boot)
        bench.domain.unmapScatterGather(list, on: .boot)
      }
    }
    #expect(throws: MapError.badScatterList(segments: 2)) { try result.get() }
    // The addresses are handed out again, and nothing may be stale there.
    for buffer in buffers { _ = try bench.mapAndUnmap(buffer) }
    bench.finish()
    bench.expect(broken: [])
  }

  @Test func aMapWithoutMemoryForItsTablesLeavesNothingBehind() throws {
    // Room for the root, one table below it and two leaves.
    let bench = try Self.bench(tableBytes: 64 << 10)
    let checker = ErrorStateChecker(log: bench.checkers.log)
    let filler = try bench.machine.memory.allocateTable(byteCount: 16_384, alignmentLog2: 14)
    let other = try bench.machine.memory.allocateTable(byteCount: 8_192, alignmentLog2: 13)
    var held: [HeldMapping] = []
    var failures = 0
    for _ in 0..<16 {
      let buffer = try bench.buffer(pages: 64)
      let result = checker.watch(at: bench.machine.currentTime, { Self.snapshot(bench) }) {
        () throws(MapError) in
        held.append(HeldMapping(try bench.domain.map(buffer, FromDevice.self, on: .boot)))
      }
      if case .failure(let error) = result {
        guard case .noMemory = error else { throw error }
        failures += 1
      }
    }
    #expect(!held.isEmpty)
    for mapping in held { mapping.unmap(from: bench.domain) }
    bench.machine.memory.freeTable(filler, byteCount: 16_384)
    bench.machine.memory.freeTable(other, byteCount: 8_192)
    #expect(failures > 0 || held.count == 16)
    bench.finish()
    bench.expect(broken: [])
  }
}
