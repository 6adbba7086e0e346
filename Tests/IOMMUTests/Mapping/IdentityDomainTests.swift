import IOMMU
import Testing

@Suite struct IdentityDomainTests {
  private struct Bench {
    let domain: IdentityDomain<TestPlatform>
    let memory: TestMemory
    let group = DeviceGroup<RecordingControl>()

    init(limits: DeviceLimits = DeviceLimits(), bounceSlots: Int = 0) throws {
      memory = TestMemory()
      domain = try IdentityDomain(
        memory: memory, observer: StaleWatcher(), limits: limits, bounceSlots: bounceSlots)
      try group.add(DMADevice(control: RecordingControl()), on: .boot)
      try group.attach(domain, on: .boot)
    }
  }

  @Test func deviceAddressIsTheMemoryAddress() throws {
    let bench = try Bench()
    let mapping = try bench.domain.map(buffer(77), ToDevice.self, on: .boot)
    let (first, isBounced) = (mapping.device.first, mapping.isBounced)
    #expect(first == IOVA(77 << 12))
    #expect(!isBounced)
    bench.domain.unmap(mapping, on: .boot)
  }

  @Test func memoryBeyondTheMaskBouncesBothWays() throws {
    // The pool is what this memory hands out first, at 4 GiB.
    let limits = DeviceLimits(mask: (1 << 32) + 0xffff)
    let bench = try Bench(limits: limits, bounceSlots: 4)
    let far = PhysicalRange(first: PhysicalAddress(0x5_0000_0040), byteCount: 16)!
    bench.memory[far.first.rawValue] = 0xaa
    let sent = try bench.domain.map(far, ToDevice.self, on: .boot)
    let (there, isBounced) = (sent.device.first.rawValue, sent.isBounced)
    #expect(isBounced)
    #expect(bench.memory[there] == 0xaa)
    // The offset inside the page stays.
    #expect(there & 0xfff == 0x40)
    bench.domain.unmap(sent, on: .boot)
    let received = try bench.domain.map(far, FromDevice.self, on: .boot)
    bench.memory[received.device.first.rawValue] = 0x55
    bench.domain.syncForCPU(received)
    #expect(bench.memory[far.first.rawValue] == 0x55)
    bench.memory[received.device.first.rawValue] = 0x66
    bench.domain.unmap(received, on: .boot)
    #expect(bench.memory[far.first.rawValue] == 0x66)
    #expect(bench.domain.bouncedMappings == 2)
  }

  @Test func noFreeBounceBufferIsAnError() throws {
    let limits = DeviceLimits(mask: (1 << 32) + 0xffff)
    let bench = try Bench(limits: limits, bounceSlots: 1)
    let far = PhysicalRange(first: PhysicalAddress(0x5_0000_0000), byteCount: 4_096)!
    let large = PhysicalRange(first: PhysicalAddress(0x5_0000_0000), byteCount: 4_097)!
    #expect(throws: MapError.unreachable(large)) {
      let mapping = try bench.domain.map(large, ToDevice.self, on: .boot)
      bench.domain.unmap(mapping, on: .boot)
    }
    let first = try bench.domain.map(far, ToDevice.self, on: .boot)
    #expect(throws: MapError.unreachable(far)) {
      let mapping = try bench.domain.map(far, ToDevice.self, on: .boot)
      bench.domain.unmap(mapping, on: .boot)
    }
    bench.domain.unmap(first, on: .boot)
    let again = try bench.domain.map(far, ToDevice.self, on: .boot)
    bench.domain.unmap(again, on: .boot)
  }
}
