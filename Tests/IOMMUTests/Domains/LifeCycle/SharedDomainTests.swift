import IOMMU
import Testing

/// Several groups in one domain, and several domains over time.
@Suite struct SharedDomainTests {
  @Test func twoGroupsShareADomainAndLeaveItOnTheirOwn() throws {
    let memory = TestMemory()
    var domain: RolloverDomain? = try emptyDomain(memory)
    let first = try GroupBench(2, defaultDomain: domain)
    let second = try GroupBench(1, defaultDomain: domain)
    #expect(domain?.deviceCount == 3)
    let owner = try first.group.claim(on: .boot)
    #expect(domain?.deviceCount == 1)
    let mapping = try domain?.map(buffer(1), ToDevice.self, on: .boot)
    #expect(second.controls[0].calls.count == 1 && first.controls[0].calls == [.disable])
    try owner.giveBack(on: .boot)
    // What was mapped meanwhile is taken up.
    #expect(first.controls[0].calls == [.disable, .enable, .all])
    domain?.unmap(mapping!, on: .boot)
    first.finish()
    #expect(domain?.deviceCount == 1)
    second.finish()
    domain = nil
    // The groups have it as their default.
    #expect(memory.tables.pool.bytesInUse > 0)
  }

  @Test func domainsComeAndGoAndTheirMemoryComesBack() throws {
    let memory = TestMemory(tableBytes: 256 << 10)
    let bench = try GroupBench(2)
    for round in 0..<100 as Range<UInt64> {
      let domain = try emptyDomain(memory)
      try bench.group.replace(with: domain, on: .boot)
      let mapping = try domain.map(buffer(round, pages: 8), ToDevice.self, on: .boot)
      domain.unmap(mapping, on: .boot)
      if round % 3 == 0 { try bench.group.detach(on: .boot) }
    }
    try bench.group.detach(on: .boot)
    #expect(memory.tables.pool.bytesInUse == 0)
    bench.finish()
  }

  @Test func aDomainHasRoomForSoManyDevicesPendingOnesIncluded() throws {
    let domain = try emptyDomain()
    let bench = try GroupBench(8, defaultDomain: domain)
    let other = try GroupBench(8)
    for control in other.controls { control.isFailed = true }
    try other.group.attach(domain, on: .boot)
    #expect(domain.deviceCount == 8 && domain.pendingCount == 8)
    let late = Device(control: RecordingControl())
    #expect(throws: AttachError.tooManyDevices(limit: 16)) {
      try bench.group.add(late, on: .boot)
    }
    #expect(late.state == .probed)
    for device in other.devices { try other.group.recover(device, on: .boot) }
    #expect(domain.deviceCount == 16 && domain.pendingCount == 0)
    other.finish()
    try bench.group.add(late, on: .boot)
    bench.group.release(late, on: .boot)
    bench.finish([domain])
  }

  @Test func aDeviceIsListedBeforeItIsEnabledAndUntilItIsBlocked() throws {
    // Whatever is invalidated while the device is enabled or disabled reaches it.
    let control = RecordingControl()
    let domain = try emptyDomain()
    let group = Group(defaultDomain: domain)
    control.during = { call in
      if call == .enable || call == .disable { _ = domain.flushAll(.timeout, on: .boot) }
    }
    let device = Device(control: control)
    try group.add(device, on: .boot)
    #expect(control.calls == [.enable, .all])
    control.forget()
    try group.detach(on: .boot)
    #expect(control.calls == [.disable, .all])
  }

  @Test func whatIsMappedWhileADeviceIsEnabledIsTakenUp() throws {
    let bench = try TestBench(strict())
    let control = RecordingControl()
    var mappings: [HeldToken] = []
    control.during = { call in
      guard call == .enable, mappings.isEmpty else { return }
      do throws(MapError) {
        mappings.append(
          HeldToken(try bench.domain.map(buffer(7), ToDevice.self, on: .boot)))
      } catch {
        Issue.record("\(error)")
      }
    }
    let device = Device(control: control)
    try bench.group.add(device, on: .boot)
    #expect(control.calls.last == .all)
    // Live mappings are down to none again, and stale translations may still be cached.
    mappings[0].unmap(in: bench.domain)
    bench.group.release(device, on: .boot)
  }
}

extension SharedDomainTests {
  @Test func aDeviceThatJoinsInTheMiddleOfAMapTakesItUp() throws {
    // The entries are written and the walk has begun, but the mapping is not counted yet.
    let bench = try TestBench(strict())
    let late = RecordingControl()
    let other = Group()
    try other.add(Device(control: late), on: .boot)
    bench.control.during = { _ in
      bench.control.during = nil
      #expect(throws: Never.self) { try other.attach(bench.domain, on: .boot) }
    }
    let mapping = try bench.domain.map(buffer(3), ToDevice.self, on: .boot)
    #expect(late.calls == [.enable, .all])
    bench.domain.unmap(mapping, on: .boot)
    #expect(bench.domain.deviceCount == 2)
    try other.detach(on: .boot)
  }
}

/// A mapping in a place that can be copied, taken out once.
final class HeldToken {
  private var mapping: Mapping<ToDevice>?

  init(_ mapping: consuming Mapping<ToDevice>) {
    self.mapping = consume mapping
  }

  func unmap<Domain: DMADomain>(in domain: Domain) {
    guard let taken = mapping.take() else { return }
    domain.unmap(taken, on: .boot)
  }
}
