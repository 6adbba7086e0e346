import IOMMU
import Testing
import ZPCI

@testable import MachineModel

/// A mapping that is taken back on another processor than the one it was made on.
struct ReuseAcrossProcessorsTests {
  @Test(arguments: [TranslationKind.shadowed, .direct])
  func aTranslationThatWasNeverAnnouncedIsAnnouncedByWhoeverTakesItBack(
    _ kind: TranslationKind
  ) throws {
    let bench = try StackBench(
      kind, format: S390ThreeLevel.self, promise: .untilInvalidation,
      modifiers: .batch.union(.reuse), description: { $0.cpus = 2 }
    ) {
      RolloverScheme(allocator: RolloverAllocator(aperture: $0, granule: .fourKiB, cpus: 2))
    }
    let buffer = try bench.buffer()
    let other = CPUIndex(1)
    let first = try bench.domain.map(buffer, FromDevice.self, on: .boot)
    bench.domain.unmap(first, on: other)
    let second = try bench.domain.map(buffer, FromDevice.self, on: other)
    #expect(bench.domain.counters[.reuseHits] == 1)
    try bench.domain.synchronize(on: other)
    #expect(try bench.write(1, at: second.device.first))
    bench.domain.unmap(second, on: other)
    bench.finish()
    bench.expect(broken: [])
  }
}
