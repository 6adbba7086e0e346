import IOMMU
import Testing

/// Devices that the hardware will not block: what they reach must live for as long as they may.
@Suite struct StuckTests {
  /// A group's only device, stuck in a domain that nobody else refers to.
  private func stuck(
    _ memory: TestMemory
  ) throws -> (bench: GroupBench, domain: () -> RolloverDomain?) {
    let bench = try GroupBench()
    let domain = try emptyDomain(memory)
    try bench.group.attach(domain, on: .boot)
    let mapping = try domain.map(buffer(1), ToDevice.self, on: .boot)
    domain.unmap(mapping, on: .boot)
    bench.controls[0].failures = [refusal]
    #expect(try bench.group.detach(on: .boot) == .stuck(refusal))
    #expect(bench.states == [.stuck] && domain.stuckCount == 1 && domain.deviceCount == 1)
    #expect(bench.group.state == .blocked)
    return (bench, { [weak domain] in domain })
  }

  @Test func theDomainOfAStuckDeviceLivesUntilItIsBlocked() throws {
    let memory = TestMemory()
    let (bench, domain) = try stuck(memory)
    // The operator learns of it.
    #expect(domain()?.stuckCount == 1)
    #expect(bench.devices[0].lastDetach == .stuck(refusal))
    #expect(memory.tables.pool.bytesInUse > 0)
    // Trying again: it stops at last, and the tables come back.
    #expect(try bench.group.detach(on: .boot) == .blocked)
    #expect(bench.states == [.blocked] && domain() == nil)
    #expect(memory.tables.pool.bytesInUse == 0)
    bench.finish()
  }

  @Test func aStuckDeviceEntersNoOtherDomain() throws {
    let memory = TestMemory()
    let (bench, domain) = try stuck(memory)
    let other = try emptyDomain()
    bench.controls[0].failures = [refusal]
    #expect(throws: AttachError.stuck(refusal)) { try bench.group.attach(other, on: .boot) }
    #expect(other.deviceCount == 0 && domain()?.deviceCount == 1)
    bench.controls[0].failures = [refusal]
    #expect(throws: AttachError.stuck(refusal)) { _ = try bench.group.claim(on: .boot) }
    #expect(bench.group.state == .blocked)
    try bench.group.attach(other, on: .boot)
    #expect(bench.states == [.attached] && domain() == nil)
    bench.finish([other])
  }

  @Test func aResetFreesAStuckDevice() throws {
    let memory = TestMemory()
    let (bench, domain) = try stuck(memory)
    bench.controls[0].failures = [refusal]
    try bench.group.reset(bench.devices[0], on: .boot)
    #expect(bench.states == [.blocked] && domain() == nil)
    #expect(memory.tables.pool.bytesInUse == 0)
    bench.finish()
  }

  @Test func releasingResetsWhatWillNotBeBlocked() throws {
    let memory = TestMemory()
    let (bench, domain) = try stuck(memory)
    bench.controls[0].failures = [refusal]
    #expect(bench.group.release(bench.devices[0], on: .boot) == .blocked)
    #expect(domain() == nil && memory.tables.pool.bytesInUse == 0)
    bench.finish()
  }

  @Test func releasingBlocksWhatAResetLeftHalfWay() throws {
    let memory = TestMemory()
    let (bench, domain) = try stuck(memory)
    bench.controls[0].failures = [refusal, refusal]
    #expect(bench.group.release(bench.devices[0], on: .boot) == .blocked)
    #expect(bench.controls[0].calls.suffix(3) == [.disable, .reset, .disable])
    #expect(domain() == nil && memory.tables.pool.bytesInUse == 0)
    #expect(!bench.controls[0].claim.isTaken)
    bench.finish()
  }

  @Test func whatNothingCanStopKeepsItsDomainForEver() throws {
    let memory = TestMemory()
    var control: RecordingControl?
    let domain: () -> RolloverDomain?
    do {
      let (bench, weak) = try stuck(memory)
      domain = weak
      control = bench.controls[0]
      bench.controls[0].failures = [refusal, refusal, refusal]
      #expect(bench.group.release(bench.devices[0], on: .boot) == .stuck(refusal))
      #expect(bench.states == [.released])
    }
    // Group and device are gone; the domain is not, and goes on invalidating.
    #expect(domain()?.stuckCount == 1 && memory.tables.pool.bytesInUse > 0)
    control?.forget()
    _ = domain()?.flushAll(.timeout, on: .boot)
    #expect(control?.calls == [.all])
    #expect(control?.claim.isTaken == true)
  }

  @Test func aGroupThatIsDroppedBlocksItsDevices() throws {
    let memory = TestMemory()
    var bench: GroupBench? = try GroupBench(2, defaultDomain: try emptyDomain(memory))
    let controls = try #require(bench?.controls)
    let devices = try #require(bench?.devices)
    #expect(controls.allSatisfy { $0.isTranslating } && memory.tables.pool.bytesInUse > 0)
    bench = nil
    #expect(controls.allSatisfy { !$0.isTranslating })
    #expect(devices.allSatisfy { $0.state == .released })
    #expect(memory.tables.pool.bytesInUse == 0)
  }

  @Test func aDeviceThatIsEnabledAndThenWillNotBeBlockedIsAStuckMember() throws {
    let first = try TestBench(rollover())
    let mapping = try first.domain.map(buffer(1), ToDevice.self, on: .boot)
    let control = RecordingControl()
    let device = Device(control: control)
    control.failures = [nil, .outOfResources, refusal]
    #expect(throws: AttachError.stuck(refusal)) { try first.group.add(device, on: .boot) }
    #expect(device.state == .stuck && first.domain.stuckCount == 1)
    try first.group.reset(device, on: .boot)
    #expect(device.state == .attached && first.domain.stuckCount == 0)
    first.domain.unmap(mapping, on: .boot)
    first.group.release(device, on: .boot)
  }
}
