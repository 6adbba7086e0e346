import IOMMU
import Testing
import ZPCI

@testable import MachineModel

/// Promise 1: nothing is reached through a translation that was promised to be gone.
struct PromisedGoneTests {
  private typealias Strict = StrictScheme<TreeAllocator>

  private static func strict(
    _ kind: TranslationKind
  ) throws -> StackBench<S390ThreeLevel, StrictScheme<TreeAllocator>> {
    try StackBench(kind, format: S390ThreeLevel.self, promise: .atUnmap) {
      StrictScheme(allocator: $0.tree)
    }
  }

  private static func aging(
    isTimed: Bool
  ) throws -> StackBench<S390ThreeLevel, RolloverScheme> {
    try StackBench(
      format: S390ThreeLevel.self, promise: .within(Nanoseconds(1_200_000)), isTimed: isTimed
    ) {
      RolloverScheme(
        allocator: RolloverAllocator(aperture: $0, granule: .fourKiB, cpus: 1),
        age: Nanoseconds(1_000_000))
    }
  }

  @Test(arguments: [TranslationKind.shadowed, .direct])
  func anUnmapThatIsNotInvalidatedFiresWhenTheDeviceReachesTheOldPage(
    _ kind: TranslationKind
  ) throws {
    let bench = try Self.strict(kind)
    let mapping = try bench.domain.map(bench.buffer(), FromDevice.self, on: .boot)
    let address = mapping.device.first
    #expect(try bench.write(1, at: address))
    bench.controls[0].forgetsInvalidations = true
    bench.domain.unmap(mapping, on: .boot)
    bench.expect(broken: [])
    #expect(try bench.write(2, at: address))
    bench.expect(broken: [.promisedGone])
  }

  @Test(arguments: [TranslationKind.shadowed, .direct])
  func strictUnmapsLeaveNothingToReach(_ kind: TranslationKind) throws {
    let bench = try Self.strict(kind)
    let mapping = try bench.domain.map(bench.buffer(), FromDevice.self, on: .boot)
    let address = mapping.device.first
    #expect(try bench.write(1, at: address))
    bench.domain.unmap(mapping, on: .boot)
    #expect(try !bench.write(2, at: address))
    #expect(bench.machine.condition(of: 0) == .error)
    bench.finish()
    bench.expect(broken: [])
  }

  @Test func anAgeLimitThatNobodyKeepsFires() throws {
    let bench = try Self.aging(isTimed: false)
    let address = try bench.mapAndUnmap(try bench.buffer())
    #expect(try bench.write(1, at: address))
    bench.expect(broken: [])
    bench.machine.run(until: bench.machine.currentTime.advanced(by: Nanoseconds(2_000_000)))
    bench.machine.charge(Nanoseconds(2_000_000))
    #expect(try bench.write(2, at: address))
    bench.expect(broken: [.promisedGone])
  }

  @Test func anAgeLimitThatIsKeptDoesNot() throws {
    let bench = try Self.aging(isTimed: true)
    let address = try bench.mapAndUnmap(try bench.buffer())
    #expect(try bench.write(1, at: address))
    bench.machine.run(until: bench.machine.currentTime.advanced(by: Nanoseconds(2_000_000)))
    bench.machine.charge(Nanoseconds(2_000_000))
    #expect(try !bench.write(2, at: address))
    bench.finish()
    bench.expect(broken: [])
  }

  @Test func anAddressThatWasNeverMappedIsReportedWhenItReachesMemory() throws {
    let bench = try Self.strict(.direct)
    let address = bench.machine.aperture.first
    let mapping = try bench.domain.map(bench.buffer(), FromDevice.self, on: .boot)
    // An entry behind the domain's back, next to one of its own.
    let page = mapping.device.first.rawValue >> 12 & 0xff
    let leaf = try #require(bench.tables.out.last)
    let other = (page + 1) & 0xff
    bench.machine.memory.storeEntry(
      try bench.buffer().first.rawValue, at: PhysicalAddress(leaf.first.rawValue + other * 8))
    let stray = IOVA(mapping.device.first.rawValue & ~0xfffff | other << 12)
    #expect(bench.machine.aperture.contains(stray) && bench.machine.aperture.contains(address))
    #expect(try bench.write(1, at: stray))
    bench.expect(broken: [.promisedGone])
    bench.domain.unmap(mapping, on: .boot)
  }

  /// Found by a simulation: with no device to ask, an invalidation seemed to have ended what still
  /// stood in the table for reuse.
  @Test(arguments: [TranslationKind.shadowed, .direct])
  func whatWaitsForReuseStaysStaleThoughEveryDeviceIsInErrorWhenItIsInvalidated(
    _ kind: TranslationKind
  ) throws {
    let bench = try StackBench(
      kind, format: S390ThreeLevel.self, promise: .untilInvalidation,
      modifiers: .reuse
    ) {
      QueueScheme(
        allocator: $0.tree, rings: 1, entries: 64, timeout: Nanoseconds(1_000_000_000))
    }
    let address = try bench.mapAndUnmap(try bench.buffer())
    bench.machine.failFunction(0, code: .serviceAction)
    bench.checkers.invalidationBegan(IOVARange(byte: address).aligned(to: .fourKiB))
    bench.checkers.invalidationEnded(
      IOVARange(byte: address).aligned(to: .fourKiB), succeeded: true)
    try bench.group.recover(bench.members[0], on: .boot)
    try bench.controls[0].function.writeConfiguration(6, offset: 4, width: 2, on: .boot)
    #expect(try bench.write(1, at: address))
    bench.finish()
    bench.expect(broken: [])
  }
}
