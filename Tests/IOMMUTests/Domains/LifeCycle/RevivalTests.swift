import IOMMU
import Testing

/// Functions in error state or fenced at attach, recovery, reset, and functions that are gone.
@Suite struct RevivalTests {
  @Test(arguments: [ControlError.functionInError, .functionGone])
  func aFunctionThatCannotAnswerWaitsInTheNewDomain(_ error: ControlError) throws {
    let bench = try GroupBench(2)
    let domain = try emptyDomain()
    bench.controls[0].failures = [error]
    try bench.group.attach(domain, on: .boot)
    #expect(bench.states == [.pending, .attached])
    #expect(domain.deviceCount == 1 && domain.pendingCount == 1)
    // It is not invalidated, and nobody waits for it.
    let calls = bench.controls[0].calls
    let mapping = try domain.map(buffer(1), ToDevice.self, on: .boot)
    #expect(bench.controls[0].calls == calls)
    try bench.group.reset(bench.devices[0], on: .boot)
    #expect(bench.states == [.attached, .attached] && domain.pendingCount == 0)
    // It takes up what was mapped meanwhile.
    #expect(bench.controls[0].calls.suffix(3) == [.reset, .enable, .all])
    domain.unmap(mapping, on: .boot)
    bench.finish([domain])
  }

  @Test func aDomainWhoseOnlyDeviceIsPendingCanBeMappedIn() throws {
    let bench = try GroupBench()
    let domain = try emptyDomain()
    bench.controls[0].isFailed = true
    try bench.group.attach(domain, on: .boot)
    let mapping = try domain.map(buffer(1), ToDevice.self, on: .boot)
    domain.unmap(mapping, on: .boot)
    try bench.group.detach(on: .boot)
    #expect(bench.states == [.blocked] && domain.pendingCount == 0)
    #expect(throws: MapError.blocked) {
      let mapping = try domain.map(buffer(1), ToDevice.self, on: .boot)
      domain.unmap(mapping, on: .boot)
    }
    bench.finish([domain])
  }

  @Test func mappingGoesOnWhileTheOnlyDeviceIsBroughtBack() throws {
    let domain = try emptyDomain()
    let bench = try GroupBench(1, defaultDomain: domain)
    var refusals = 0
    bench.controls[0].during = { call in
      guard [.disable, .recover, .reset, .enable].contains(call) else { return }
      do throws(MapError) {
        let mapping = try domain.map(buffer(1), ToDevice.self, on: .boot)
        domain.unmap(mapping, on: .boot)
      } catch {
        refusals += 1
      }
    }
    bench.controls[0].isFailed = true
    try bench.group.recover(bench.devices[0], on: .boot)
    try bench.group.reset(bench.devices[0], on: .boot)
    bench.controls[0].during = nil
    #expect(refusals == 0 && bench.states == [.attached] && domain.pendingCount == 0)
    try bench.group.detach(on: .boot)
    #expect(throws: MapError.blocked) {
      let mapping = try domain.map(buffer(1), ToDevice.self, on: .boot)
      domain.unmap(mapping, on: .boot)
    }
    bench.finish([domain])
  }

  @Test func recoveryBlocksFirstAndComesBackInTheDomain() throws {
    let domain = try emptyDomain()
    let bench = try GroupBench(1, defaultDomain: domain)
    try bench.group.recover(bench.devices[0], on: .boot)
    // Nothing was wrong: nothing is disturbed.
    #expect(bench.controls[0].calls == [.look])
    bench.controls[0].forget()
    bench.controls[0].isFailed = true
    try bench.group.recover(bench.devices[0], on: .boot)
    #expect(bench.controls[0].calls == [.look, .disable, .recover, .enable])
    #expect(bench.states == [.attached])
    bench.finish([domain])
  }

  @Test(arguments: 0..<4) func aRecoveryThatIsRefusedLeavesTheDeviceWaiting(_ step: Int) throws {
    let domain = try emptyDomain()
    let bench = try GroupBench(2, defaultDomain: domain)
    bench.controls[0].isFailed = true
    bench.controls[0].failures = (0..<step).map { _ in nil } + [refusal]
    // What will not be blocked is tried once more.
    #expect(throws: AttachError.control(refusal)) {
      try bench.group.recover(bench.devices[0], on: .boot)
    }
    #expect(bench.states == [.pending, .attached] && !bench.controls[0].isTranslating)
    bench.controls[0].failures = []
    try bench.group.recover(bench.devices[0], on: .boot)
    #expect(bench.states == [.attached, .attached])
    #expect(domain.deviceCount == 2 && domain.pendingCount == 0 && domain.stuckCount == 0)
    bench.finish([domain])
  }

  @Test func aFunctionThatIsGoneCanOnlyBeReleased() throws {
    let domain = try emptyDomain()
    let bench = try GroupBench(2, defaultDomain: domain)
    bench.controls[0].failures = [nil, .functionGone]
    #expect(throws: AttachError.control(.functionGone)) {
      try bench.group.reset(bench.devices[0], on: .boot)
    }
    #expect(bench.states == [.gone, .attached])
    bench.controls[0].forget()
    #expect(throws: AttachError.wrongState(.gone)) {
      try bench.group.reset(bench.devices[0], on: .boot)
    }
    try bench.group.replace(with: try emptyDomain(), on: .boot)
    let owner = try bench.group.claim(on: .boot)
    try owner.giveBack(on: .boot)
    #expect(bench.controls[0].calls.isEmpty && bench.states == [.gone, .attached])
    #expect(bench.group.release(bench.devices[0], on: .boot) == .absent)
    bench.finish([domain])
  }

  @Test func aBlockedGroupsDeviceIsRevivedAndStaysBlocked() throws {
    let bench = try GroupBench()
    bench.controls[0].isFailed = true
    try bench.group.recover(bench.devices[0], on: .boot)
    try bench.group.reset(bench.devices[0], on: .boot)
    #expect(bench.controls[0].calls == [.recover, .reset] && bench.states == [.blocked])
    bench.controls[0].failures = [refusal]
    #expect(throws: AttachError.control(refusal)) {
      try bench.group.reset(bench.devices[0], on: .boot)
    }
    #expect(bench.states == [.blocked])
    let stranger = Device(control: RecordingControl())
    #expect(throws: AttachError.wrongState(.probed)) {
      try bench.group.recover(stranger, on: .boot)
    }
    bench.finish()
  }

  @Test func anErrorInTheMiddleOfAnAttachLeavesNothingRegistered() throws {
    let first = try TestBench(rollover())
    let mapping = try first.domain.map(buffer(1), ToDevice.self, on: .boot)
    let bench = try GroupBench()
    // Enabled, and then in error at the invalidation that was to take up what is mapped.
    bench.controls[0].failures = [nil, .functionInError]
    try bench.group.attach(first.domain, on: .boot)
    #expect(bench.controls[0].calls == [.enable, .all, .disable])
    #expect(bench.states == [.pending] && !bench.controls[0].isTranslating)
    first.domain.unmap(mapping, on: .boot)
    bench.finish()
  }
}
