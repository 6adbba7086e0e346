import IOMMU
import Testing
import ZPCI

@testable import MachineModel

/// Promise 5: a device that was detached, released, unplugged or failed reaches nothing.
struct BlockedReachTests {
  private static func bench(
    _ kind: TranslationKind
  ) throws -> StackBench<S390ThreeLevel, StrictScheme<TreeAllocator>> {
    try StackBench(kind, format: S390ThreeLevel.self, promise: .atUnmap) {
      StrictScheme(allocator: $0.tree)
    }
  }

  private static func access(_ iova: IOVA, physical: UInt64?) -> DeviceAccess {
    DeviceAccess(
      function: 0, iova: iova, byteCount: 8, physical: physical.map { PhysicalAddress($0) },
      isBlocked: physical == nil, kind: .read, time: Instant(nanoseconds: 1))
  }

  private static let kinds = [TranslationKind.shadowed, .direct]

  @Test(arguments: kinds) func aDetachThatForgetsToDisableFires(_ kind: TranslationKind) throws {
    let bench = try Self.bench(kind)
    let mapping = try bench.domain.map(bench.buffer(), FromDevice.self, on: .boot)
    bench.controls[0].forgetsToDisable = true
    try bench.group.detach(on: .boot)
    bench.checkers.expectNothingReachable()
    bench.expect(broken: [.blockedReach])
    bench.domain.unmap(mapping, on: .boot)
  }

  @Test(arguments: kinds) func aDetachThatDisablesDoesNot(_ kind: TranslationKind) throws {
    let bench = try Self.bench(kind)
    let mapping = try bench.domain.map(bench.buffer(), FromDevice.self, on: .boot)
    let address = mapping.device.first
    #expect(try bench.write(1, at: address))
    try bench.group.detach(on: .boot)
    bench.checkers.expectNothingReachable()
    #expect(try !bench.write(2, at: address))
    bench.domain.unmap(mapping, on: .boot)
    bench.finish()
    bench.expect(broken: [])
  }

  @Test func aTranslationThatIsRegisteredTwiceFires() throws {
    let bench = try Self.bench(.shadowed)
    try bench.group.detach(on: .boot)
    try bench.attach()
    bench.expect(broken: [])
    // The machine refuses this, so only the report can be driven.
    bench.checkers.translationRegistered(
      function: 0, designation: 0x804, range: bench.machine.aperture,
      time: bench.machine.currentTime)
    bench.expect(broken: [.blockedReach])
  }

  @Test(arguments: [
    FunctionCondition.configured, .standby, .reserved, .error, .permanentError, .blocked,
  ]) func anAccessThatGoesThroughWhileTheFunctionIsNotEnabledFires(
    _ condition: FunctionCondition
  ) throws {
    let bench = try Self.bench(.shadowed)
    let first = bench.machine.aperture.first
    bench.checkers.functionConditionChanged(
      function: 0, from: .enabled, to: condition, time: Instant(nanoseconds: 0))
    bench.checkers.deviceAccessed(Self.access(first, physical: nil))
    bench.expect(broken: [])
    bench.checkers.deviceAccessed(Self.access(first, physical: 0x4000))
    bench.expect(broken: [.promisedGone, .blockedReach])
  }

  @Test func theMachineTellsOfConditionsAsTheyChange() throws {
    let bench = try Self.bench(.shadowed)
    let mapping = try bench.domain.map(bench.buffer(), FromDevice.self, on: .boot)
    bench.machine.failFunction(0, code: .serviceAction)
    bench.checkers.deviceAccessed(
      Self.access(mapping.device.first, physical: mapping.memory.first.rawValue))
    bench.expect(broken: [.blockedReach])
    bench.domain.unmap(mapping, on: .boot)
  }

  @Test func anIdentityDomainThatLeavesItsDeviceUnblockedFires() throws {
    var description = Rig.small()
    description.allowsIdentity = true
    let machine = try Machine(description, seed: 1)
    machine.plug(TransferDevice())
    let bus = ZPCIBus(instructions: machine)
    let entry = try #require(try bus.find(functionID: 1, on: .boot))
    let function = try bus.function(entry, on: .boot)
    try function.enable(on: .boot)
    let checkers = CheckerSuite(
      aperture: machine.aperture, functions: [0], promise: .atUnmap, isIdentity: true,
      probe: machine)
    machine.addObserver(checkers)
    try function.enableIdentity(on: .boot)
    checkers.expectNothingReachable()
    #expect(checkers.log.contains(.blockedReach) && checkers.log.count == 1)
    try function.disableTranslation(on: .boot)
    checkers.expectNothingReachable()
    #expect(checkers.log.count == 1)
  }
}
