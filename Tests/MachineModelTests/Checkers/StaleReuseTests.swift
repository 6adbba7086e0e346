import IOMMU
import Testing
import ZPCI

@testable import MachineModel

/// Promise 2: no address is handed out while a stale translation for it can still be cached.
struct StaleReuseTests {
  private static func bench(
    _ kind: TranslationKind, _ fault: BrokenScheme.Fault
  ) throws -> StackBench<S390ThreeLevel, BrokenScheme> {
    try StackBench(kind, format: S390ThreeLevel.self, promise: .untilInvalidation) {
      BrokenScheme(aperture: $0, fault)
    }
  }

  @Test(
    arguments: [TranslationKind.shadowed, .direct],
    [BrokenScheme.Fault.freesEarly, .invalidatesNeighbour])
  func addressesThatAreFreeBeforeTheirInvalidationFire(
    _ kind: TranslationKind, _ fault: BrokenScheme.Fault
  ) throws {
    let bench = try Self.bench(kind, fault)
    let buffer = try bench.buffer()
    let first = try bench.mapAndUnmap(buffer)
    bench.expect(broken: [])
    let second = try bench.mapAndUnmap(buffer)
    #expect(first == second)
    bench.expect(broken: [.staleReuse])
  }

  @Test func aPageThatIsHandedOutTwiceFires() throws {
    let bench = try Self.bench(.shadowed, .handsOutTwice)
    let mapping = try bench.domain.map(bench.buffer(), FromDevice.self, on: .boot)
    bench.expect(broken: [])
    bench.checkers.allocated(mapping.device)
    bench.expect(broken: [.staleReuse])
    bench.domain.unmap(mapping, on: .boot)
  }

  @Test func theTableItselfRefusesAPageThatIsHandedOutTwice() throws {
    let bench = try Self.bench(.shadowed, .handsOutTwice)
    let mapping = try bench.domain.map(bench.buffer(), FromDevice.self, on: .boot)
    let other = try bench.buffer()
    #expect(throws: MapError.beyondFormat(other)) { try bench.mapAndUnmap(other) }
    bench.expect(broken: [.staleReuse])
    bench.domain.unmap(mapping, on: .boot)
  }

  @Test func theTokenOfAPageThatWasDroppedKeepsItFromBeingHandedOut() throws {
    let bench = try StackBench(
      .shadowed, format: S390ThreeLevel.self, promise: .atUnmap
    ) { StrictScheme(allocator: $0.tree) }
    let address: IOVA
    do {
      let mapping = try bench.domain.map(bench.buffer(), FromDevice.self, on: .boot)
      address = mapping.device.first
    }
    #expect(bench.domain.quarantineRecord.ranges == 1)
    for _ in 0..<64 { #expect(try bench.mapAndUnmap(try bench.buffer()) != address) }
    #expect(try bench.write(1, at: address))
    bench.finish()
    bench.expect(broken: [])
  }

  @Test(arguments: [TranslationKind.shadowed, .direct])
  func aTranslationThatIsTakenBackWhileItStandsIsNoReuse(_ kind: TranslationKind) throws {
    let bench = try StackBench(
      kind, format: S390ThreeLevel.self, promise: .untilInvalidation,
      modifiers: PolicyModifiers.reuse.union(.batch)
    ) { QueueScheme(allocator: $0.tree, rings: 1, entries: 8, timeout: Nanoseconds(1_000_000)) }
    let buffers = try (0..<3).map { _ in try bench.buffer() }
    let first = try bench.mapAndUnmap(buffers[0])
    #expect(try bench.write(1, at: first))
    // Refreshes of ranges which the parked page lies in find it as it was.
    let others = try buffers[1...].map { try bench.mapAndUnmap($0) }
    bench.controls[0].forgetsInvalidations = false
    #expect(
      bench.domain.flush(
        IOVARange(
          first: min(first, others.min()!),
          last: IOVA(max(first, others.max()!).rawValue | 0xfff))!,
        .age, on: .boot))
    #expect(bench.checkers.ledger.staleCount == 3)
    #expect(try bench.mapAndUnmap(buffers[0]) == first)
    #expect(bench.domain.counters[.reuseHits] == 1)
    #expect(bench.domain.flushAll(.timeout, on: .boot))
    #expect(bench.checkers.ledger.staleCount == 0)
    bench.finish()
    bench.expect(broken: [])
  }
}
