import IOMMU
import Testing
import ZPCI

@testable import MachineModel

/// A mapping that is given up on another processor than the one that made it.
struct ReuseAcrossProcessorsTests {
  private static func bench(
    _ kind: TranslationKind, _ modifiers: PolicyModifiers
  ) throws -> StackBench<S390ThreeLevel, RolloverScheme> {
    try StackBench(
      kind, format: S390ThreeLevel.self, promise: .untilInvalidation, modifiers: modifiers,
      description: { $0.cpus = 2 }
    ) {
      RolloverScheme(allocator: RolloverAllocator(aperture: $0, granule: .fourKiB, cpus: 2))
    }
  }

  /// Found by a simulation: what the first processor had not announced was taken back on the
  /// second, whose doorbell had nothing to announce.
  @Test(arguments: [TranslationKind.shadowed, .direct])
  func whatWasNeverAnnouncedIsUsableAfterTheDoorbellOfWhoeverMapsTheBufferAgain(
    _ kind: TranslationKind
  ) throws {
    let bench = try Self.bench(kind, .batch.union(.reuse))
    let buffer = try bench.buffer()
    let other = CPUIndex(1)
    bench.domain.unmap(try bench.domain.map(buffer, FromDevice.self, on: .boot), on: other)
    let again = try bench.domain.map(buffer, FromDevice.self, on: other)
    try bench.domain.synchronize(on: other)
    #expect(try bench.write(1, at: again.device.first))
    bench.domain.unmap(again, on: other)
    bench.finish()
    bench.expect(broken: [])
  }

  @Test(arguments: [
    (TranslationKind.shadowed, PolicyModifiers.reuse, true),
    (.direct, .batch.union(.reuse), true), (.shadowed, .batch.union(.reuse), false),
  ])
  func itIsKeptForReuseUnlessItsMakerMayStillHaveToAnnounceIt(
    _ kind: TranslationKind, _ modifiers: PolicyModifiers, _ isKept: Bool
  ) throws {
    let bench = try Self.bench(kind, modifiers)
    let buffer = try bench.buffer()
    let other = CPUIndex(1)
    let first = try bench.domain.map(buffer, FromDevice.self, on: .boot)
    try bench.domain.synchronize(on: .boot)
    bench.domain.unmap(first, on: other)
    let again = try bench.domain.map(buffer, FromDevice.self, on: other)
    #expect(bench.domain.counters[.reuseHits] == (isKept ? 1 : 0))
    bench.domain.unmap(again, on: other)
    bench.finish()
    bench.expect(broken: [])
  }
}
