import IOMMU
import Testing
import ZPCI

@testable import MachineModel

/// Promise 3: after map and sync the device reaches exactly what was mapped.
struct ExactReachTests {
  private static func bench<Format: TableFormat>(
    _ kind: TranslationKind, _ format: Format.Type, functions: Int = 1,
    modifiers: PolicyModifiers = .none
  ) throws -> StackBench<Format, StrictScheme<TreeAllocator>> {
    try StackBench(
      kind, format: format, promise: .atUnmap, modifiers: modifiers, functions: functions
    ) { StrictScheme(allocator: $0.tree) }
  }

  private static let kinds = [TranslationKind.shadowed, .direct]

  @Test func aMapThatIsNotAnnouncedFiresWhereTheMachineShadows() throws {
    let bench = try Self.bench(.shadowed, S390ThreeLevel.self)
    bench.controls[0].forgetsInvalidations = true
    let mapping = try bench.domain.map(bench.buffer(), FromDevice.self, on: .boot)
    bench.expect(broken: [.exactReach])
    #expect(bench.checkers.log.count == 1)
    #expect(try !bench.write(1, at: mapping.device.first))
    #expect(bench.checkers.log.count == 2, "the refusal is reported as well")
    bench.domain.unmap(mapping, on: .boot)
  }

  @Test func noAnnouncementIsNeededWhereTheHardwareWalks() throws {
    let bench = try Self.bench(.direct, S390ThreeLevel.self)
    bench.controls[0].forgetsInvalidations = true
    let mapping = try bench.domain.map(bench.buffer(), FromDevice.self, on: .boot)
    #expect(try bench.write(1, at: mapping.device.first))
    bench.expect(broken: [])
    bench.controls[0].forgetsInvalidations = false
    bench.domain.unmap(mapping, on: .boot)
    bench.finish()
    bench.expect(broken: [])
  }

  @Test(arguments: kinds) func aPermissionThatIsTooWideFires(_ kind: TranslationKind) throws {
    let bench = try Self.bench(kind, AlwaysWritable.self)
    let mapping = try bench.domain.map(bench.buffer(), ToDevice.self, on: .boot)
    bench.expect(broken: [.exactReach])
    let count = bench.checkers.log.count
    #expect(try bench.write(1, at: mapping.device.first))
    #expect(bench.checkers.log.count == count + 1, "the write is reported as well")
    bench.domain.unmap(mapping, on: .boot)
  }

  @Test(arguments: kinds) func anEntryThatNamesAnotherPageFires(_ kind: TranslationKind) throws {
    let bench = try Self.bench(kind, NextPage.self)
    let buffer = try bench.buffer(pages: 2)
    let first = PhysicalRange(first: buffer.first, byteCount: 4_096)!
    let mapping = try bench.domain.map(first, ToDevice.self, on: .boot)
    bench.expect(broken: [.exactReach])
    let count = bench.checkers.log.count
    #expect(try bench.read(at: mapping.device.first))
    #expect(bench.checkers.log.count == count + 1, "the access is reported as well")
    bench.domain.unmap(mapping, on: .boot)
  }

  @Test(arguments: kinds) func whatIsMappedRightlyIsReachedAndNothingElse(
    _ kind: TranslationKind
  ) throws {
    let bench = try Self.bench(kind, S390ThreeLevel.self)
    let buffer = try bench.buffer()
    let writable = try bench.domain.map(buffer, FromDevice.self, on: .boot)
    let readable = try bench.domain.map(bench.buffer(), ToDevice.self, on: .boot)
    #expect(try bench.write(0x1234, at: writable.device.first))
    #expect(bench.machine.memory.loadLittle64(at: buffer.first) == 0x1234)
    #expect(try bench.read(at: readable.device.first))
    #expect(try !bench.write(1, at: readable.device.first))
    bench.domain.unmap(writable, on: .boot)
    bench.domain.unmap(readable, on: .boot)
    bench.finish()
    bench.expect(broken: [])
  }

  @Test(arguments: kinds) func aFunctionInErrorIsNotExpectedToReachAnything(
    _ kind: TranslationKind
  ) throws {
    let bench = try Self.bench(kind, S390ThreeLevel.self, functions: 2)
    bench.machine.failFunction(1, code: .serviceAction)
    let mapping = try bench.domain.map(bench.buffer(), FromDevice.self, on: .boot)
    #expect(try bench.write(1, at: mapping.device.first, function: 0))
    try bench.controls[1].function.recover(on: .boot)
    try bench.controls[1].function.writeConfiguration(6, offset: 4, width: 2, on: .boot)
    #expect(try bench.write(2, at: mapping.device.first, function: 1))
    bench.domain.unmap(mapping, on: .boot)
    bench.finish()
    bench.expect(broken: [])
  }

  @Test func whatFailedToBeAnnouncedIsAnnouncedBeforeItIsUsedAgain() throws {
    let bench = try StackBench(
      .shadowed, format: S390ThreeLevel.self, promise: .untilInvalidation,
      modifiers: PolicyModifiers.reuse.union(.batch)
    ) { QueueScheme(allocator: $0.tree, rings: 1, entries: 8, timeout: Nanoseconds(1_000_000)) }
    let buffer = try bench.buffer()
    bench.controls[0].refusal = .refused(conditionCode: 2, status: 0)
    let first = try bench.domain.map(buffer, FromDevice.self, on: .boot)
    #expect(throws: MapError.control(.refused(conditionCode: 2, status: 0))) {
      try bench.domain.synchronize(on: .boot)
    }
    bench.domain.unmap(first, on: .boot)
    bench.controls[0].refusal = nil
    let second = try bench.domain.map(buffer, FromDevice.self, on: .boot)
    try bench.domain.synchronize(on: .boot)
    #expect(bench.domain.counters[.reuseHits] == 1)
    #expect(try bench.write(1, at: second.device.first))
    bench.domain.unmap(second, on: .boot)
    bench.finish()
    bench.expect(broken: [])
  }

  @Test func aDeviceThatComesBackLearnsOfWhatIsKeptForReuse() throws {
    let bench = try StackBench(
      .shadowed, format: S390ThreeLevel.self, promise: .untilInvalidation, modifiers: .reuse
    ) { QueueScheme(allocator: $0.tree, rings: 1, entries: 8, timeout: Nanoseconds(1_000_000)) }
    let buffer = try bench.buffer()
    let address = try bench.mapAndUnmap(buffer)
    try bench.group.detach(on: .boot)
    try bench.attach()
    let mapping = try bench.domain.map(buffer, FromDevice.self, on: .boot)
    #expect(mapping.device.first == address)
    #expect(try bench.write(1, at: address))
    bench.domain.unmap(mapping, on: .boot)
    bench.finish()
    bench.expect(broken: [])
  }
}
