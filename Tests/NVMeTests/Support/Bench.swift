import IOMMU
import NVMe

/// A clock that goes on by a tenth of a millisecond at each look.
final class FakeClock: MonotonicClock, @unchecked Sendable {
  var time: UInt64 = 0
  func now() -> Instant {
    time += 100_000
    return Instant(nanoseconds: time)
  }
}

/// A driver with everything that it stands on.
struct Bench {
  let memory = FakeMemory(pages: 4096)
  let domain: FakeDomain
  let controller: FakeController
  let function: FakeFunction
  let clock = FakeClock()
  let driver: NVMeController<FakeFunction, FakeDomain>

  init(cpus: Int = 1, options: NVMeOptions = NVMeOptions(queueEntries: 8)) {
    domain = FakeDomain(memory: memory)
    controller = FakeController(domain: domain)
    function = FakeFunction(controller: controller)
    driver = NVMeController(
      function: function, domain: domain, cpus: (0..<cpus).map { CPUIndex($0) }, options: options)
  }

  func start() throws(NVMeError) {
    _ = try driver.initialise(clock: clock, pause: {})
  }

  func shutDown() throws(NVMeError) {
    try driver.shutDown(clock: clock, pause: {}) { _ in }
  }

  /// Memory for `byteCount` bytes, `offset` into its first page.
  func buffer(_ byteCount: UInt64, offset: UInt64 = 0) throws -> PhysicalRange {
    let pages = try memory.allocateBuffer(byteCount: Int(byteCount + offset))
    return PhysicalRange(
      first: PhysicalAddress(pages.first.rawValue + offset), byteCount: byteCount)!
  }

  func bytes(_ range: PhysicalRange) -> [UInt8] {
    Array(memory.slice(range.first.rawValue, range.byteCount!))
  }

  /// Rings and polls, and answers everything that was reported.
  func run(queue: Int = 0) throws(NVMeError) -> [NVMeCompletion] {
    var reports: [NVMeCompletion] = []
    try driver.ringDoorbell(queue: queue) { reports.append($0) }
    try driver.poll(queue: queue) { reports.append($0) }
    return reports
  }
}
