import IOMMU
import Testing

/// Who may change a group: the default domain, drivers that use it, owners that claim it.
@Suite struct OwnershipTests {
  @Test func probedDevicesEnterTheDefaultDomain() throws {
    let domain = try emptyDomain()
    let bench = try GroupBench(2, defaultDomain: domain)
    #expect(bench.states == [.attached, .attached])
    #expect(bench.group.current === domain && bench.group.state == .byDefault)
    #expect(domain.deviceCount == 2)
    try bench.group.detach(on: .boot)
    #expect(bench.group.state == .blocked && bench.states == [.blocked, .blocked])
    #expect(bench.group.current is BlockedDomain<RecordingControl>)
    bench.finish([domain])
  }

  @Test func aDeviceThatTheDefaultDomainRefusesIsNoMemberAndBlocked() throws {
    let domain = try emptyDomain()
    let bench = try GroupBench(1, defaultDomain: domain)
    let control = RecordingControl()
    let device = Device(control: control)
    control.failures = [refusal]
    #expect(throws: AttachError.control(refusal)) { try bench.group.add(device, on: .boot) }
    #expect(device.state == .probed && !control.isTranslating && !control.claim.isTaken)
    #expect(bench.group.deviceCount == 1 && domain.deviceCount == 1)
    // It may be added again.
    try bench.group.add(device, on: .boot)
    #expect(device.state == .attached)
    bench.group.release(device, on: .boot)
    bench.finish([domain])
  }

  @Test func oneFunctionIsOneDevicesOnly() throws {
    let control = RecordingControl()
    let first = try GroupBench()
    let second = Group()
    let device = Device(control: control)
    try first.group.add(device, on: .boot)
    #expect(throws: AttachError.functionTaken) { try second.add(device, on: .boot) }
    #expect(throws: AttachError.functionTaken) {
      try second.add(Device(control: control), on: .boot)
    }
    first.group.release(device, on: .boot)
    #expect(throws: AttachError.wrongState(.released)) { try second.add(device, on: .boot) }
    #expect(!control.claim.isTaken)
    // The function is found anew.
    try second.add(Device(control: control), on: .boot)
    first.finish()
  }

  @Test func aUsedGroupCannotBeClaimedNorChanged() throws {
    let domain = try emptyDomain()
    let bench = try GroupBench(2, defaultDomain: domain)
    let first = try bench.group.beginUse(on: .boot)
    let second = try bench.group.beginUse(on: .boot)
    #expect(first.domain === domain && bench.group.driverCount == 2)
    let busy = OwnershipError.inUse(drivers: 2)
    #expect(throws: AttachError.ownership(busy)) { _ = try bench.group.claim(on: .boot) }
    #expect(throws: AttachError.ownership(busy)) {
      try bench.group.replace(with: domain, on: .boot)
    }
    #expect(throws: busy) { try bench.group.detach(on: .boot) }
    #expect(bench.controls.allSatisfy { $0.calls.isEmpty })
    first.end()
    #expect(throws: AttachError.ownership(.inUse(drivers: 1))) {
      _ = try bench.group.claim(on: .boot)
    }
    _ = consume second
    #expect(bench.group.driverCount == 0)
    try bench.group.claim(on: .boot).giveBack(on: .boot)
    bench.finish([domain])
  }

  @Test func aClaimedGroupIsBlockedAndNobodyElseMayUseIt() throws {
    let domain = try emptyDomain()
    let bench = try GroupBench(2, defaultDomain: domain)
    let owner = try bench.group.claim(on: .boot)
    #expect(bench.states == [.blocked, .blocked] && domain.deviceCount == 0)
    #expect(bench.controls.allSatisfy { !$0.isTranslating })
    let taken = OwnershipError.claimed(devices: 2)
    #expect(throws: AttachError.ownership(taken)) { _ = try bench.group.claim(on: .boot) }
    #expect(throws: AttachError.ownership(taken)) { _ = try bench.group.beginUse(on: .boot) }
    #expect(throws: AttachError.ownership(taken)) { try bench.group.attach(domain, on: .boot) }
    #expect(throws: AttachError.ownership(taken)) {
      try bench.group.reset(bench.devices[0], on: .boot)
    }
    #expect(throws: taken) { try bench.group.detach(on: .boot) }
    let own = try emptyDomain()
    let other = try emptyDomain()
    try owner.attach(own, on: .boot)
    #expect(bench.group.state == .owned && own.deviceCount == 2)
    #expect(throws: AttachError.alreadyAttached) { try owner.attach(other, on: .boot) }
    try owner.replace(with: other, on: .boot)
    #expect(own.deviceCount == 0 && other.deviceCount == 2)
    try owner.reset(bench.devices[0], on: .boot)
    #expect(owner.detach(on: .boot) == .blocked)
    #expect(bench.group.state == .claimed)
    try owner.attach(own, on: .boot)
    try owner.giveBack(on: .boot)
    #expect(bench.group.state == .byDefault && bench.states == [.attached, .attached])
    #expect(own.deviceCount == 0 && domain.deviceCount == 2)
    bench.finish([domain, own, other])
  }

  @Test func droppingAnOwnerGivesTheGroupBack() throws {
    let domain = try emptyDomain()
    let bench = try GroupBench(1, defaultDomain: domain)
    do {
      let owner = try bench.group.claim(on: .boot)
      try owner.attach(try emptyDomain(), on: .boot)
    }
    #expect(bench.group.state == .byDefault && domain.deviceCount == 1)
    bench.finish([domain])
  }

  @Test func aGroupThatCannotReturnIsBlockedAndSaysWhy() throws {
    let domain = try emptyDomain()
    let bench = try GroupBench(2, defaultDomain: domain)
    let owner = try bench.group.claim(on: .boot)
    bench.controls[1].failures = [nil, refusal]
    _ = owner.detach(on: .boot)
    bench.controls[1].failures = [refusal]
    var failure: AttachError?
    do throws(AttachError) {
      try owner.giveBack(on: .boot)
    } catch {
      failure = error
    }
    #expect(failure == .control(refusal))
    #expect(bench.group.state == .blocked && bench.states == [.blocked, .blocked])
    #expect(bench.group.lastReturnFailure == .control(refusal))
    #expect(bench.controls.allSatisfy { !$0.isTranslating })
    // The next driver has it tried again.
    let use = try bench.group.beginUse(on: .boot)
    #expect(bench.group.state == .byDefault && bench.group.lastReturnFailure == nil)
    use.end()
    bench.finish([domain])
  }

  @Test func aGroupWithoutDefaultIsBlockedAfterwards() throws {
    let bench = try GroupBench()
    let domain = try emptyDomain()
    let owner = try bench.group.claim(on: .boot)
    try owner.attach(domain, on: .boot)
    try owner.giveBack(on: .boot)
    #expect(bench.group.state == .blocked && domain.deviceCount == 0)
    bench.finish([domain])
  }

  @Test func devicesComeAndGoWhileAnOwnerHasTheGroup() throws {
    let bench = try GroupBench(2)
    let domain = try emptyDomain()
    let owner = try bench.group.claim(on: .boot)
    try owner.attach(domain, on: .boot)
    bench.group.release(bench.devices[0], on: .boot)
    #expect(domain.deviceCount == 1)
    let late = Device(control: RecordingControl())
    try bench.group.add(late, on: .boot)
    #expect(late.state == .attached && domain.deviceCount == 2)
    try owner.giveBack(on: .boot)
    #expect(late.state == .blocked)
    bench.group.release(late, on: .boot)
    bench.finish([domain])
  }
}
