import IOMMU
import NVMe
import Testing

@testable import MachineModel

/// The device of a bench as the driver's function, in error state once an access was refused.
private final class BenchFunction: PCIFunction, @unchecked Sendable {
  let bench: DeviceBench

  init(_ bench: DeviceBench) {
    self.bench = bench
  }

  private func check() throws(PCIAccessError) {
    if bench.isBlocked { throw .functionInError }
  }

  func readConfiguration(offset: UInt16, width: Int, on cpu: CPUIndex) throws(PCIAccessError)
    -> UInt32
  { 0 }

  func writeConfiguration(
    _ value: UInt32, offset: UInt16, width: Int, on cpu: CPUIndex
  ) throws(PCIAccessError) {}

  func read32(bar: Int, offset: UInt64, on cpu: CPUIndex) throws(PCIAccessError) -> UInt32 {
    try check()
    return UInt32(bench.device.readRegister(bar: bar, offset: offset, width: 4))
  }

  func write32(_ value: UInt32, bar: Int, offset: UInt64, on cpu: CPUIndex) throws(PCIAccessError) {
    try check()
    bench.device.writeRegister(UInt64(value), bar: bar, offset: offset, width: 4)
  }

  func read64(bar: Int, offset: UInt64, on cpu: CPUIndex) throws(PCIAccessError) -> UInt64 {
    try check()
    return bench.device.readRegister(bar: bar, offset: offset, width: 8)
  }

  func write64(_ value: UInt64, bar: Int, offset: UInt64, on cpu: CPUIndex) throws(PCIAccessError) {
    try check()
    bench.device.writeRegister(value, bar: bar, offset: offset, width: 8)
  }

  func enableInterrupts(count: Int, on cpu: CPUIndex) throws(PCIAccessError) -> Int { count }

  func disableInterrupts(on cpu: CPUIndex) throws(PCIAccessError) {}
}

/// The bench's memory, from 64 KiB on, and a domain that maps it to itself.
private final class BenchDomain: DMADomain, BufferMemory, @unchecked Sendable {
  let bench: DeviceBench
  let quarantine = Quarantine(granule: .fourKiB)
  var live = 0
  private var next: UInt64 = 0x1_0000

  init(_ bench: DeviceBench) {
    self.bench = bench
  }

  var memory: BenchDomain { self }

  func allocateBuffer(byteCount: Int) throws(TableMemoryError) -> PhysicalRange {
    let range = PhysicalRange(first: PhysicalAddress(next), byteCount: UInt64(byteCount))!
    next += UInt64(byteCount + 4095) / 4096 * 4096
    if next > UInt64(DeviceBench.memoryBytes) { throw .exhausted(byteCount: byteCount) }
    return range
  }

  func freeBuffer(_ range: PhysicalRange) {}

  func loadLittle32(at address: PhysicalAddress) -> UInt32 {
    let word = bench.load64(address.rawValue & ~7)
    return UInt32(truncatingIfNeeded: word >> ((address.rawValue & 4) * 8))
  }

  func storeLittle32(_ value: UInt32, at address: PhysicalAddress) {
    let place = address.rawValue & ~7
    let shift = (address.rawValue & 4) * 8
    let kept = bench.load64(place) & ~(0xffff_ffff << shift)
    bench.store64(kept | UInt64(value) << shift, place)
  }

  func loadLittle64(at address: PhysicalAddress) -> UInt64 { bench.load64(address.rawValue) }

  func storeLittle64(_ value: UInt64, at address: PhysicalAddress) {
    bench.store64(value, address.rawValue)
  }

  func copy(from source: PhysicalAddress, to target: PhysicalAddress, byteCount: UInt64) {}

  func map<Direction: DMADirection>(
    _ buffer: PhysicalRange, _ direction: Direction.Type, on cpu: CPUIndex
  ) throws(MapError) -> Mapping<Direction> {
    live += 1
    return Mapping(
      device: IOVARange(first: IOVA(buffer.first.rawValue), last: IOVA(buffer.last.rawValue))!,
      memory: buffer, isBounced: false, quarantine: quarantine)
  }

  func synchronize(on cpu: CPUIndex) throws(MapError) {}

  func unmap<Direction: DMADirection>(_ mapping: consuming Mapping<Direction>, on cpu: CPUIndex) {
    live -= 1
    mapping.surrender()
  }

  func allocateCoherent(byteCount: Int, on cpu: CPUIndex) throws(MapError) -> CoherentBuffer {
    let range: PhysicalRange
    do {
      range = try allocateBuffer(byteCount: byteCount)
    } catch {
      throw .noMemory(error)
    }
    return CoherentBuffer(mapping: try map(range, Bidirectional.self, on: cpu))
  }

  func freeCoherent(_ buffer: consuming CoherentBuffer, on cpu: CPUIndex) {
    unmap(buffer.release(), on: cpu)
  }

  func syncForCPU<Direction: DeviceWritable>(_ mapping: borrowing Mapping<Direction>) {}

  func syncForDevice<Direction: DeviceReadable>(_ mapping: borrowing Mapping<Direction>) {}
}

private struct BenchClock: MonotonicClock, @unchecked Sendable {
  let bench: DeviceBench
  func now() -> Instant { bench.now }
}

@Suite struct DriverOnDeviceTests {
  private struct Stack {
    let bench: DeviceBench
    let domain: BenchDomain
    let driver: NVMeController<BenchFunction, BenchDomain>
    let clock: BenchClock

    init() throws {
      var service = NVMeService()
      service.channels = 3
      bench = DeviceBench(service: service)
      domain = BenchDomain(bench)
      clock = BenchClock(bench: bench)
      driver = NVMeController(
        function: BenchFunction(bench), domain: domain, cpus: [CPUIndex(0), CPUIndex(1)],
        options: NVMeOptions(queueEntries: 6))
      try driver.initialise(clock: clock, pause: pause)
    }

    func pause() {
      bench.run(until: bench.time + 1_000)
    }
  }

  @Test func theDriverStartsTheDeviceAndLearnsWhatItIs() throws {
    let stack = try Stack()
    #expect(stack.driver.information.blockCount == 1 << 28)
    #expect(stack.driver.information.blockLog2 == 12)
    #expect(stack.driver.information.queueCount == 2)
    #expect(stack.driver.information.vectorCount == 3)
    try stack.driver.shutDown(clock: stack.clock, pause: stack.pause) { _ in }
    #expect(stack.domain.live == 0 && stack.domain.quarantine.ranges == 0)
  }

  @Test func randomReadsAndWritesAgreeWithAPlainCopyOfTheDisk() throws {
    let stack = try Stack()
    let bench = stack.bench
    var random = SplitMix64(seed: 11)
    var disk: [UInt64: [UInt8]] = [:]
    let buffers = try (0..<5).map { _ in try stack.domain.allocateBuffer(byteCount: 16 * 4096) }
    var reads = 0
    for _ in 0..<60 {
      let queue = Int(random.next() % 2)
      var expected: [UInt64: (start: Int, bytes: [UInt8])] = [:]
      for (slot, room) in buffers.enumerated() {
        // Apart from one another, because commands of one round may run in any order.
        let lba = UInt64(slot) * 32 + random.next() % 16
        let blocks = 1 + random.next() % 8
        let offset = random.next() % 1024 * 4
        let buffer = PhysicalRange(
          first: PhysicalAddress(room.first.rawValue + offset), byteCount: blocks * 4096)!
        let start = Int(buffer.first.rawValue)
        if random.next() % 2 == 0 {
          for index in 0..<Int(blocks * 4096) {
            bench.memory[start + index] = UInt8(truncatingIfNeeded: random.next())
          }
          for block in 0..<Int(blocks) {
            let bytes = Array(bench.memory[start + block * 4096..<start + (block + 1) * 4096])
            disk[lba + UInt64(block)] = bytes
          }
          try stack.driver.submitWrite(
            queue: queue, lba: lba, blocks: UInt32(blocks), buffer: buffer, tag: UInt64(slot))
        } else {
          let bytes = (lba..<lba + blocks).flatMap { disk[$0] ?? NVMeDeviceTests.pattern($0) }
          expected[UInt64(slot)] = (start, bytes)
          reads += 1
          try stack.driver.submitRead(
            queue: queue, lba: lba, blocks: UInt32(blocks), buffer: buffer, tag: UInt64(slot))
        }
      }
      bench.interrupts = []
      try stack.driver.ringDoorbell(queue: queue) { _ in Issue.record("withdrawn") }
      bench.run()
      #expect(bench.interrupts.allSatisfy { $0.vector == queue + 1 })
      var seen = 0
      try stack.driver.handleInterrupt(vector: queue + 1) { completion in
        seen += 1
        #expect(completion.outcome == .success)
        if let (start, bytes) = expected[completion.tag] {
          #expect(Array(bench.memory[start..<start + bytes.count]) == bytes)
        }
      }
      #expect(seen == 5)
    }
    #expect(reads > 100 && bench.device.totals.errors == 0)
    try stack.driver.shutDown(clock: stack.clock, pause: stack.pause) { _ in }
    #expect(stack.domain.live == 0)
  }

  @Test func aRefusedAccessIsRecoveredFromAndNothingIsLost() throws {
    let stack = try Stack()
    let bench = stack.bench
    let buffers = try (0..<4).map { _ in try stack.domain.allocateBuffer(byteCount: 4096) }
    for (tag, buffer) in buffers.enumerated() {
      try stack.driver.submitRead(
        queue: 0, lba: UInt64(tag), blocks: 1, buffer: buffer, tag: UInt64(tag),
        deadline: Instant(nanoseconds: bench.time + 1_000_000))
    }
    try stack.driver.ringDoorbell(queue: 0) { _ in }
    bench.forbidden = [buffers[2].first.rawValue / 4096]
    bench.run(until: bench.time + 10_000_000)
    var tags: Set<UInt64> = []
    _ = try? stack.driver.poll(queue: 0) { tags.insert($0.tag) }
    #expect(!tags.contains(2) && stack.driver.expired(now: bench.now) != nil)
    try stack.driver.reset(
      clock: stack.clock, disposition: .requeue,
      recover: { () throws(PCIAccessError) in
        bench.isBlocked = false
        bench.forbidden = []
      }, pause: stack.pause
    ) { _ in Issue.record("lost") }
    try stack.driver.resubmit(queue: 0)
    try stack.driver.ringDoorbell(queue: 0) { _ in }
    bench.run()
    try stack.driver.poll(queue: 0) { completion in
      #expect(completion.outcome == .success)
      tags.insert(completion.tag)
    }
    #expect(tags == [0, 1, 2, 3])
    for (tag, buffer) in buffers.enumerated() {
      let start = Int(buffer.first.rawValue)
      #expect(Array(bench.memory[start..<start + 4096]) == NVMeDeviceTests.pattern(UInt64(tag)))
    }
    try stack.driver.shutDown(clock: stack.clock, pause: stack.pause) { _ in }
    #expect(stack.domain.live == 0)
  }
}
