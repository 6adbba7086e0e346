import IOMMU
import Testing

@Suite struct DeviceGroupTests {
  private func domain() throws -> RolloverDomain {
    try PagingDomain(
      scheme: rollover(), memory: TestMemory(), timer: ManualTimer(), observer: StaleWatcher(),
      options: PagingDomainOptions())
  }

  @Test func attachEnablesAndDetachBlocks() throws {
    let control = RecordingControl()
    let group = DeviceGroup<RecordingControl>()
    try group.add(DMADevice(control: control), on: .boot)
    let domain = try domain()
    try group.attach(domain, on: .boot)
    #expect(control.isTranslating)
    #expect(group.current === domain)
    try group.detach(on: .boot)
    #expect(!control.isTranslating)
    #expect(domain.deviceCount == 0)
  }

  @Test func attachingTwiceIsAnErrorAndReplaceGoesThroughTheBlockedState() throws {
    let control = RecordingControl()
    let group = DeviceGroup<RecordingControl>()
    try group.add(DMADevice(control: control), on: .boot)
    let first = try domain()
    let second = try domain()
    try group.attach(first, on: .boot)
    #expect(throws: AttachError.alreadyAttached) { try group.attach(second, on: .boot) }
    #expect(group.current === first)
    try group.replace(with: second, on: .boot)
    #expect(control.calls == [.enable, .disable, .enable])
    #expect(first.deviceCount == 0 && second.deviceCount == 1)
  }

  @Test func oneRefusalBlocksTheWholeGroup() throws {
    let controls = [RecordingControl(), RecordingControl(), RecordingControl()]
    let group = DeviceGroup<RecordingControl>()
    for control in controls { try group.add(DMADevice(control: control), on: .boot) }
    controls[1].failures = [.refused(conditionCode: 1, status: 8)]
    let domain = try domain()
    #expect(throws: AttachError.control(.refused(conditionCode: 1, status: 8))) {
      try group.attach(domain, on: .boot)
    }
    #expect(controls.allSatisfy { !$0.isTranslating })
    #expect(domain.deviceCount == 0)
    #expect(group.current is BlockedDomain<RecordingControl>)
  }

  @Test func aSecondDeviceHasToTakeUpWhatIsMapped() throws {
    let bench = try TestBench(rollover())
    let mapping = try bench.domain.map(buffer(1), ToDevice.self, on: .boot)
    let late = RecordingControl()
    try bench.group.add(DMADevice(control: late), on: .boot)
    #expect(late.calls == [.enable, .all])
    bench.domain.unmap(mapping, on: .boot)
  }

  @Test func deviceMayNotNarrowADomain() throws {
    let bench = try TestBench(rollover())
    let narrow = RecordingControl()
    narrow.aperture = aperture(pages: 16)
    #expect(throws: AttachError.self) {
      try bench.group.add(DMADevice(control: narrow), on: .boot)
    }
    #expect(!narrow.isTranslating)
    #expect(bench.domain.aperture == aperture(pages: 4_096))
  }

  @Test func releaseBlocksOnceAndForAll() throws {
    let bench = try TestBench(rollover())
    bench.group.release(bench.device, on: .boot)
    #expect(bench.device.state == .released)
    #expect(!bench.control.isTranslating)
    bench.control.forget()
    bench.group.release(bench.device, on: .boot)
    #expect(bench.control.calls.isEmpty)
    #expect(throws: AttachError.wrongState(.released)) {
      try bench.group.add(bench.device, on: .boot)
    }
  }

  @Test func vanishedDeviceDetachesAsAbsent() throws {
    let bench = try TestBench(rollover())
    bench.control.failures = [.functionGone]
    try bench.group.detach(on: .boot)
    #expect(bench.device.lastDetach == .absent)
    #expect(bench.domain.deviceCount == 0)
  }

  @Test func deviceThatWillNotStopStaysOnTheListAndGoesOnBeingInvalidated() throws {
    let bench = try TestBench(rollover())
    bench.control.failures = [.refused(conditionCode: 1, status: 40)]
    try bench.group.detach(on: .boot)
    #expect(bench.device.lastDetach == .stuck(.refused(conditionCode: 1, status: 40)))
    #expect(bench.domain.deviceCount == 1)
  }

  @Test func functionThatCannotDeferGetsStrictAndIsToldSo() throws {
    let control = RecordingControl()
    control.allowsDeferredInvalidation = false
    let asked = InvalidationPolicy.rollover(age: nil, stale: nil)
    let resolution = PolicyResolution(asked: asked, for: control)
    #expect(resolution.policy == .strict)
    #expect(resolution.restriction == .cannotDefer)
    #expect(PolicyResolution(asked: .legacy, for: control).policy == .legacyStrict)
    control.allowsDeferredInvalidation = true
    #expect(PolicyResolution(asked: asked, for: control).policy == asked)
    control.isTrusted = false
    #expect(PolicyResolution(asked: .identity, for: control).restriction == .untrusted)
    let group = DeviceGroup<RecordingControl>()
    try group.add(DMADevice(control: control), on: .boot)
    let domain = try domain()
    #expect(throws: AttachError.mayNotDefer) { try group.attach(domain, on: .boot) }
  }
}
