import IOMMU
import Testing
import ZPCI

@testable import MachineModel

/// Promise 6: an operation that throws leaves everything as it was.
struct ErrorStateTests {
  private typealias Bench = StackBench<S390ThreeLevel, StrictScheme<TreeAllocator>>

  private static func bench() throws -> Bench {
    try StackBench(format: S390ThreeLevel.self, promise: .atUnmap) {
      StrictScheme(allocator: $0.tree)
    }
  }

  private static func snapshot(_ bench: Bench) -> ErrorStateChecker.Snapshot {
    ErrorStateChecker.Snapshot(
      liveMappings: bench.domain.liveMappings,
      translatedPages: UInt64(bench.checkers.ledger.liveCount),
      // A table that became empty waits for whoever needs memory; nobody uses it.
      tableBytes: bench.machine.memory.tableBytesInUse
        - UInt64(bench.domain.table.emptyTableCount) * 2_048,
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
    let bench = try Self.bench()
    let checker = ErrorStateChecker(log: bench.checkers.log)
    let memory = bench.machine.memory
    let buffer = try bench.buffer(pages: 600)
    let page = try #require(PhysicalRange(first: buffer.first, byteCount: 4_096))
    // The table above the leaves is there from now on.
    _ = try bench.mapAndUnmap(page)
    var taken: [PhysicalAddress] = []
    var isFull = false
    while !isFull {
      do {
        taken.append(try memory.allocateTable(byteCount: 2_048, alignmentLog2: 11))
      } catch {
        isFull = true
      }
    }
    // No leaf, then one of those that are needed.
    for given in [0, 1] {
      for table in taken.suffix(given) { memory.freeTable(table, byteCount: 2_048) }
      taken.removeLast(given)
      let result = checker.watch(at: bench.machine.currentTime, { Self.snapshot(bench) }) {
        () throws(MapError) in
        let mapping = try bench.domain.map(buffer, FromDevice.self, on: .boot)
        bench.domain.unmap(mapping, on: .boot)
      }
      guard case .failure(.noMemory(.exhausted)) = result else {
        Issue.record("\(result)")
        continue
      }
    }
    for table in taken { memory.freeTable(table, byteCount: 2_048) }
    _ = try bench.mapAndUnmap(buffer)
    bench.finish()
    bench.expect(broken: [])
  }
}
