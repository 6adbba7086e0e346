import IOMMU
import Testing
import ZPCI

@testable import MachineModel

/// Promise 7: what was dropped or could not be invalidated is quarantined and never used again.
struct QuarantineTests {
  private static func strict() throws -> StackBench<S390ThreeLevel, StrictScheme<TreeAllocator>> {
    try StackBench(format: S390ThreeLevel.self, promise: .atUnmap) {
      StrictScheme(allocator: $0.tree)
    }
  }

  @Test func aDroppedTokenIsInTheRecordAndTheBooksBalance() throws {
    let bench = try Self.strict()
    do { _ = try bench.domain.map(bench.buffer(), FromDevice.self, on: .boot) }
    #expect(bench.domain.quarantineRecord.ranges == 1)
    #expect(bench.domain.liveMappings == 1)
    bench.finish()
    bench.expect(broken: [])
  }

  @Test func aTokenThatIsForgottenFires() throws {
    let bench = try Self.strict()
    let mapping = try bench.domain.map(bench.buffer(), FromDevice.self, on: .boot)
    bench.checkers.expectBalance(live: bench.domain.liveMappings, held: 0, quarantined: 0)
    bench.expect(broken: [.quarantine])
    bench.domain.unmap(mapping, on: .boot)
  }

  @Test func whatCouldNotBeInvalidatedIsNotHandedOutAgain() throws {
    let bench = try Self.strict()
    let buffer = try bench.buffer()
    let mapping = try bench.domain.map(buffer, FromDevice.self, on: .boot)
    let address = mapping.device.first
    bench.controls[0].refusal = .refused(conditionCode: 2, status: 0)
    bench.domain.unmap(mapping, on: .boot)
    bench.controls[0].refusal = nil
    #expect(bench.domain.quarantineRecord.ranges == 1)
    for _ in 0..<64 { #expect(try bench.mapAndUnmap(buffer) != address) }
    // What a device still reaches there was never promised to be gone.
    #expect(try bench.write(1, at: address))
    bench.finish()
    bench.expect(broken: [])
  }

  @Test func aSchemeThatHandsOutWhatItQuarantinedFires() throws {
    let bench = try StackBench(format: S390ThreeLevel.self, promise: .atUnmap) {
      BrokenScheme(aperture: $0, .reusesQuarantine)
    }
    let buffer = try bench.buffer()
    let mapping = try bench.domain.map(buffer, FromDevice.self, on: .boot)
    let address = mapping.device.first
    bench.controls[0].refusal = .refused(conditionCode: 2, status: 0)
    bench.domain.unmap(mapping, on: .boot)
    bench.controls[0].refusal = nil
    bench.expect(broken: [])
    #expect(try bench.mapAndUnmap(buffer) == address)
    #expect(bench.checkers.log.contains(.quarantine))
  }
}
