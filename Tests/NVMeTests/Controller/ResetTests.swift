import IOMMU
import Testing

@testable import NVMe

@Suite struct ResetTests {
  /// A driver with three commands in flight and one that was not told yet.
  private func busyBench() throws -> (Bench, PhysicalRange) {
    let bench = Bench(cpus: 2)
    try bench.start()
    bench.controller.isHolding = true
    let buffer = try bench.buffer(8192)
    for tag in 0..<3 {
      try bench.driver.submitRead(
        queue: tag % 2, lba: UInt64(10 + tag), blocks: 2, buffer: buffer, tag: UInt64(tag),
        deadline: Instant(nanoseconds: UInt64(50_000_000_000 + tag)))
      try bench.driver.ringDoorbell(queue: tag % 2) { _ in }
    }
    try bench.driver.submitFlush(queue: 0, tag: 3)
    return (bench, buffer)
  }

  @Test func aDeadlineThatPassedNamesTheCommandWhoseWasFirst() throws {
    let (bench, _) = try busyBench()
    #expect(bench.driver.expired(now: Instant(nanoseconds: 49_999_999_999)) == nil)
    let late = bench.driver.expired(now: Instant(nanoseconds: 60_000_000_000))
    #expect(late?.tag == 0 && late?.queue == 0)
    #expect(late?.deadline == Instant(nanoseconds: 50_000_000_000))
    bench.controller.release(0)
    try bench.driver.poll(queue: 0) { _ in }
    #expect(bench.driver.expired(now: Instant(nanoseconds: 60_000_000_000))?.tag == 1)
    try bench.shutDown()
  }

  @Test func aResetCanFailWhatWasInFlight() throws {
    let (bench, _) = try busyBench()
    var reports: [NVMeCompletion] = []
    try bench.driver.reset(clock: bench.clock, disposition: .fail, pause: {}) {
      reports.append($0)
    }
    #expect(Set(reports.map(\.tag)) == [0, 1, 2, 3])
    #expect(reports.allSatisfy { $0.outcome == .aborted })
    #expect(bench.domain.liveStreaming == 0 && bench.controller.starts == 2)
    bench.controller.isHolding = false
    try bench.driver.submitFlush(queue: 1, tag: 9)
    #expect(try bench.run(queue: 1).map(\.tag) == [9])
    try bench.shutDown()
    #expect(bench.domain.isEmpty)
  }

  @Test func aResetCanKeepWhatWasInFlightAndNothingIsLost() throws {
    let (bench, buffer) = try busyBench()
    var reports: [NVMeCompletion] = []
    try bench.driver.reset(clock: bench.clock, disposition: .requeue, pause: {}) {
      reports.append($0)
    }
    #expect(reports.isEmpty && bench.domain.liveStreaming == 0)
    #expect(bench.driver.outstanding(queue: 0) == 3)
    bench.controller.isHolding = false
    #expect(try bench.driver.resubmit(queue: 0) == 3)
    #expect(try bench.driver.resubmit(queue: 1) == 1)
    reports += try bench.run(queue: 0)
    reports += try bench.run(queue: 1)
    #expect(Set(reports.map(\.tag)) == [0, 1, 2, 3])
    #expect(reports.allSatisfy { $0.outcome == .success })
    #expect(bench.bytes(buffer) == bench.controller.block(11) + bench.controller.block(12))
    #expect(bench.controller.faults.isEmpty)
    try bench.shutDown()
    #expect(bench.domain.isEmpty)
  }

  @Test func aWaitingCommandThatCannotBeMappedGoesOnWaiting() throws {
    let (bench, _) = try busyBench()
    try bench.driver.reset(clock: bench.clock, disposition: .requeue, pause: {}) { _ in }
    bench.domain.failingMap = 2
    #expect(throws: NVMeError.self) { try bench.driver.resubmit(queue: 0) }
    #expect(bench.driver.outstanding(queue: 0) == 3)
    bench.controller.isHolding = false
    try bench.driver.resubmit(queue: 0)
    #expect(try bench.run(queue: 0).count == 3)
    try bench.shutDown()
    #expect(bench.domain.isEmpty)
  }

  @Test func aControllerThatDoesNotStopKeepsItsMappings() throws {
    let (bench, _) = try busyBench()
    bench.controller.doesStop = false
    var error: NVMeError?
    do throws(NVMeError) {
      try bench.driver.reset(clock: bench.clock, disposition: .fail, pause: {}) { _ in
        Issue.record("reported")
      }
    } catch let thrown { error = thrown }
    guard case .timeout(.notReady, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(bench.driver.state == .unresponsive)
    #expect(bench.domain.liveStreaming == 3 && bench.domain.quarantine.ranges == 0)
    #expect(throws: NVMeError.wrongState(.unresponsive)) {
      try bench.driver.submitFlush(queue: 0, tag: 0)
    }
    var reports = 0
    bench.driver.abandon { _ in reports += 1 }
    #expect(reports == 4 && bench.domain.isEmpty && bench.driver.state == .stopped)
  }

  @Test func aFunctionInErrorIsRecoveredAndItsCommandsRunAgain() throws {
    let (bench, buffer) = try busyBench()
    bench.function.failure = .functionInError
    bench.function.failingFrom = 0
    #expect(throws: NVMeError.functionInError) {
      try bench.driver.ringDoorbell(queue: 0) { _ in Issue.record("reported") }
    }
    #expect(bench.driver.state == .inError && bench.domain.liveStreaming == 3)
    #expect(throws: NVMeError.wrongState(.inError)) {
      try bench.driver.submitFlush(queue: 0, tag: 0)
    }
    // Nobody recovers it: nothing changes.
    #expect(throws: NVMeError.functionInError) {
      try bench.driver.reset(clock: bench.clock, disposition: .requeue, pause: {}) { _ in }
    }
    #expect(bench.driver.state == .inError && bench.domain.liveStreaming == 3)

    var mappedAtRecovery = 0
    try bench.driver.reset(
      clock: bench.clock, disposition: .requeue,
      recover: { () throws(PCIAccessError) in
        mappedAtRecovery = bench.domain.liveStreaming
        bench.function.failingFrom = nil
      }, pause: {}
    ) { _ in }
    #expect(mappedAtRecovery == 3 && bench.domain.liveStreaming == 0)
    bench.controller.isHolding = false
    var tags: Set<UInt64> = []
    for queue in 0..<2 {
      try bench.driver.resubmit(queue: queue)
      for report in try bench.run(queue: queue) { tags.insert(report.tag) }
    }
    #expect(tags == [0, 1, 2, 3])
    #expect(bench.bytes(buffer) == bench.controller.block(11) + bench.controller.block(12))
    try bench.shutDown()
    #expect(bench.domain.isEmpty)
  }

  /// Found on an emulated IBM Z: what a controller had fetched uses a bad address once more.
  @Test func aFunctionThatIsInErrorAgainAtOnceIsRecoveredAgainButNotForEver() throws {
    for (faults, needed) in [(1, 3), (3, 4), (4, 4)] {
      let (bench, _) = try busyBench()
      bench.function.failure = .functionInError
      bench.function.failingFrom = 0
      var recoveries = 0
      var error: NVMeError?
      do throws(NVMeError) {
        try bench.driver.reset(
          clock: bench.clock, disposition: .requeue,
          recover: { () throws(PCIAccessError) in
            recoveries += 1
            // The second does not even bring the translation back.
            if recoveries == 2 { throw .functionInError }
            // Two accesses enable the bus master; the third begins to disable.
            bench.function.failingFrom = recoveries <= faults ? bench.function.accesses + 3 : nil
          }, pause: {}
        ) { _ in }
      } catch let thrown { error = thrown }
      #expect(recoveries == needed)
      #expect(error == (faults < 4 ? nil : .functionInError))
      #expect(bench.driver.state == (faults < 4 ? .running : .inError))
      #expect(bench.domain.liveStreaming == (faults < 4 ? 0 : 3))
      bench.function.failingFrom = nil
      if faults == 4 { bench.driver.abandon { _ in } } else { try bench.shutDown() }
    }
  }

  @Test func aFunctionThatVanishesAtAnyAccessOfAResetLeavesNothingBehind() throws {
    let (whole, _) = try busyBench()
    let before = whole.function.accesses
    try whole.driver.reset(clock: whole.clock, disposition: .requeue, pause: {}) { _ in }
    let accesses = whole.function.accesses - before
    try whole.shutDown()
    for access in 1...accesses {
      let (bench, _) = try busyBench()
      bench.function.failingFrom = bench.function.accesses + access
      var reports: [NVMeCompletion] = []
      #expect(throws: NVMeError.functionGone) {
        try bench.driver.reset(clock: bench.clock, disposition: .requeue, pause: {}) {
          reports.append($0)
        }
      }
      #expect(Set(reports.map(\.tag)) == [0, 1, 2, 3], "access \(access)")
      #expect(reports.allSatisfy { $0.outcome == .functionGone })
      #expect(bench.domain.isEmpty && bench.driver.state == .gone, "access \(access)")
    }
  }

  @Test func aRestartThatFailsKeepsTheWaitingCommandsForTheNextReset() throws {
    let (bench, _) = try busyBench()
    bench.controller.doesBecomeReady = false
    #expect(throws: NVMeError.self) {
      try bench.driver.reset(clock: bench.clock, disposition: .requeue, pause: {}) { _ in
        Issue.record("reported")
      }
    }
    #expect(bench.driver.state == .stopped && bench.driver.outstanding(queue: 0) == 3)
    #expect(bench.domain.liveStreaming == 0)
    bench.controller.doesBecomeReady = true
    bench.controller.isHolding = false
    try bench.driver.reset(clock: bench.clock, disposition: .requeue, pause: {}) { _ in }
    #expect(try bench.driver.resubmit(queue: 0) == 3)
    #expect(try bench.run(queue: 0).count == 3)
    try bench.shutDown()
    #expect(bench.domain.isEmpty)
  }

  @Test func aDriverThatIsDroppedQuarantinesWhatItHeld() throws {
    let memory = FakeMemory(pages: 512)
    let domain = FakeDomain(memory: memory)
    let function = FakeFunction(controller: FakeController(domain: domain))
    do {
      let driver = NVMeController(function: function, domain: domain, cpus: [.boot])
      try driver.initialise(clock: FakeClock(), pause: {})
    }
    // Three buffers of the I/O queue and two of the admin queue.
    #expect(domain.quarantine.ranges == 5 && domain.liveCoherent == 5)
  }
}
