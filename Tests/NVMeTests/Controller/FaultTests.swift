import IOMMU
import Testing

@testable import NVMe

@Suite struct FaultTests {
  /// A start, some transfers on two queues, and a shutdown; reports go to `reports`.
  private func run(_ bench: Bench, reports: inout [NVMeCompletion], submitted: inout Int)
    throws(NVMeError)
  {
    try bench.start()
    let buffer = PhysicalRange(
      first: PhysicalAddress(FakeMemory.base + 4000 * 4096 + 512), byteCount: 16384)!
    for round in 0..<4 {
      for queue in 0..<2 {
        for tag in 0..<3 {
          try bench.driver.submitRead(
            queue: queue, lba: UInt64(round), blocks: 4, buffer: buffer,
            tag: UInt64(round * 100 + queue * 10 + tag))
          submitted += 1
        }
      }
      for queue in 0..<2 { try bench.driver.ringDoorbell(queue: queue) { reports.append($0) } }
      for queue in 0..<2 { try bench.driver.poll(queue: queue) { reports.append($0) } }
    }
    try bench.driver.shutDown(clock: bench.clock, pause: {}) { reports.append($0) }
  }

  @Test func aFunctionThatVanishesAtAnyAccessLeavesNothingBehind() throws {
    var reports: [NVMeCompletion] = []
    var submitted = 0
    let whole = Bench(cpus: 2)
    try run(whole, reports: &reports, submitted: &submitted)
    let total = whole.function.accesses
    #expect(total > 40 && reports.count == 24)
    for access in 1...total {
      let bench = Bench(cpus: 2)
      bench.function.failingFrom = access
      reports = []
      submitted = 0
      var thrown: NVMeError?
      do throws(NVMeError) {
        try run(bench, reports: &reports, submitted: &submitted)
      } catch {
        thrown = error
      }
      // A shutdown of a function that is gone succeeds: there is nothing left to shut down.
      #expect(thrown == .functionGone || thrown == nil && access > total - 8, "access \(access)")
      #expect(bench.driver.state == .gone)
      try bench.driver.shutDown(clock: bench.clock, pause: {}) { reports.append($0) }
      #expect(Set(reports.map(\.tag)).count == submitted, "access \(access)")
      #expect(reports.count == submitted)
      #expect(bench.domain.isEmpty && bench.memory.allocated.isEmpty, "access \(access)")
      #expect(throws: NVMeError.wrongState(.gone)) { try bench.start() }
    }
  }

  @Test func afterTheFunctionIsGoneEachQueueGivesItsCommandsBackWhenNextLookedAt() throws {
    let bench = Bench(cpus: 2)
    try bench.start()
    bench.controller.isHolding = true
    let buffer = try bench.buffer(4096)
    for queue in 0..<2 {
      try bench.driver.submitWrite(
        queue: queue, lba: 0, blocks: 1, buffer: buffer, tag: UInt64(queue))
      try bench.driver.ringDoorbell(queue: queue) { _ in }
    }
    bench.function.failingFrom = 0
    try bench.driver.submitFlush(queue: 0, tag: 7)
    var reports: [NVMeCompletion] = []
    #expect(throws: NVMeError.functionGone) {
      try bench.driver.ringDoorbell(queue: 0) { reports.append($0) }
    }
    #expect(Set(reports.map(\.tag)) == [0, 7])
    #expect(reports.allSatisfy { $0.outcome == .functionGone })
    #expect(bench.domain.liveStreaming == 1)
    #expect(throws: NVMeError.functionGone) {
      try bench.driver.poll(queue: 1) { reports.append($0) }
    }
    #expect(bench.domain.liveStreaming == 0 && reports.count == 3)
    #expect(throws: NVMeError.wrongState(.gone)) {
      try bench.driver.submitFlush(queue: 1, tag: 8)
    }
    try bench.shutDown()
    #expect(bench.domain.isEmpty)
  }

  @Test func commandsWhoseMappingsCannotBeAnnouncedAreWithdrawn() throws {
    let bench = Bench()
    try bench.start()
    let buffer = try bench.buffer(4096)
    bench.controller.isHolding = true
    try bench.driver.submitRead(queue: 0, lba: 0, blocks: 1, buffer: buffer, tag: 1)
    try bench.driver.ringDoorbell(queue: 0) { _ in }
    for tag in 2...4 {
      try bench.driver.submitRead(queue: 0, lba: 0, blocks: 1, buffer: buffer, tag: UInt64(tag))
    }
    bench.domain.isSynchronizeFailing = true
    var reports: [NVMeCompletion] = []
    #expect(throws: NVMeError.map(.control(.outOfResources))) {
      try bench.driver.ringDoorbell(queue: 0) { reports.append($0) }
    }
    #expect(Set(reports.map(\.tag)) == [2, 3, 4])
    #expect(reports.allSatisfy { $0.outcome == .withdrawn })
    #expect(bench.domain.liveStreaming == 1 && bench.controller.commands.count == 1)
    #expect(bench.driver.counters(queue: 0).withdrawn == 3)

    bench.domain.isSynchronizeFailing = false
    bench.controller.isHolding = false
    bench.controller.release()
    try bench.driver.submitRead(queue: 0, lba: 9, blocks: 1, buffer: buffer, tag: 5)
    #expect(try bench.run().map(\.tag) == [1, 5])
    #expect(bench.bytes(buffer) == bench.controller.block(9))
    #expect(bench.controller.faults.isEmpty)
    try bench.shutDown()
    #expect(bench.domain.isEmpty)
  }

  @Test func aReportOfAWithdrawalMaySubmitAgain() throws {
    let bench = Bench()
    try bench.start()
    let buffer = try bench.buffer(4096)
    for tag in 1...3 {
      try bench.driver.submitRead(queue: 0, lba: 0, blocks: 1, buffer: buffer, tag: UInt64(tag))
    }
    bench.domain.isSynchronizeFailing = true
    var reported = 0
    #expect(throws: NVMeError.self) {
      try bench.driver.ringDoorbell(queue: 0) { completion in
        reported += 1
        do {
          try bench.driver.submitRead(
            queue: 0, lba: 0, blocks: 1, buffer: buffer, tag: completion.tag + 10)
        } catch {
          Issue.record(error)
        }
      }
    }
    #expect(reported == 3 && bench.driver.outstanding(queue: 0) == 3)
    bench.domain.isSynchronizeFailing = false
    #expect(Set(try bench.run().map(\.tag)) == [11, 12, 13])
    try bench.shutDown()
    #expect(bench.domain.isEmpty)
  }

  @Test func aFailingMapLeavesTheQueueAsItWas() throws {
    let bench = Bench()
    try bench.start()
    let buffer = try bench.buffer(4096)
    bench.domain.failingMap = 1
    #expect(throws: NVMeError.self) {
      try bench.driver.submitRead(queue: 0, lba: 0, blocks: 1, buffer: buffer, tag: 1)
    }
    #expect(bench.driver.outstanding(queue: 0) == 0)
    #expect(try bench.driver.ringDoorbell(queue: 0) { _ in } == 0)
    try bench.shutDown()
    #expect(bench.domain.isEmpty)
  }

  @Test func completionsOfNothingInFlightAreCountedAndPassedOver() throws {
    let bench = Bench()
    try bench.start()
    let buffer = try bench.buffer(4096)
    bench.controller.isHolding = true
    try bench.driver.submitRead(queue: 0, lba: 0, blocks: 1, buffer: buffer, tag: 1)
    try bench.driver.ringDoorbell(queue: 0) { _ in }
    let identifier = try #require(bench.controller.held.first).identifier
    // Not a slot; a slot that is free; another generation; another queue's; then the real one.
    let bad: [(UInt64, Int)] = [
      (0xffff, 1), (5, 1), (identifier ^ 0x1000, 1), (identifier, 0), (0x0fff, 1),
    ]
    for (identifier, source) in bad {
      bench.controller.post(queue: 1, identifier: identifier, from: source)
    }
    bench.controller.release()
    var tags: [UInt64] = []
    #expect(throws: NVMeError.badCompletion(queue: 0, identifier: 0x0fff)) {
      try bench.driver.poll(queue: 0) { tags.append($0.tag) }
    }
    #expect(tags == [1] && bench.domain.liveStreaming == 0)
    #expect(bench.driver.counters(queue: 0).badCompletions == 5)

    bench.controller.post(queue: 1, identifier: identifier)
    #expect(throws: NVMeError.badCompletion(queue: 0, identifier: UInt16(identifier))) {
      try bench.driver.poll(queue: 0) { tags.append($0.tag) }
    }
    #expect(tags == [1])
    // The next command in the same slot is not ended by the old one's completion.
    try bench.driver.submitRead(queue: 0, lba: 0, blocks: 1, buffer: buffer, tag: 2)
    try bench.driver.ringDoorbell(queue: 0) { _ in }
    bench.controller.post(queue: 1, identifier: identifier)
    #expect(throws: NVMeError.badCompletion(queue: 0, identifier: UInt16(identifier))) {
      try bench.driver.poll(queue: 0) { tags.append($0.tag) }
    }
    #expect(tags == [1] && bench.domain.liveStreaming == 1)
    try bench.shutDown()
    #expect(bench.domain.isEmpty)
  }

  @Test func aCommandThatTheControllerWasNotToldOfCannotBeCompleted() throws {
    let bench = Bench()
    try bench.start()
    let buffer = try bench.buffer(4096)
    try bench.driver.submitRead(queue: 0, lba: 0, blocks: 1, buffer: buffer, tag: 1)
    bench.controller.post(queue: 1, identifier: 0x1000)
    #expect(throws: NVMeError.badCompletion(queue: 0, identifier: 0x1000)) {
      try bench.driver.poll(queue: 0) { _ in Issue.record("completed") }
    }
    #expect(try bench.run().map(\.tag) == [1])
    try bench.shutDown()
  }

  @Test func aRefusedDoorbellIsRungAgain() throws {
    let bench = Bench()
    try bench.start()
    try bench.driver.submitFlush(queue: 0, tag: 1)
    bench.function.failure = .refused(conditionCode: 2, status: 4)
    bench.function.failingFrom = 0
    #expect(throws: NVMeError.refused(conditionCode: 2, status: 4)) {
      try bench.driver.ringDoorbell(queue: 0) { _ in Issue.record("reported") }
    }
    bench.function.failingFrom = nil
    #expect(try bench.run().map(\.tag) == [1])
    try bench.shutDown()
  }
}
