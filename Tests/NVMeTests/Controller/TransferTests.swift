import IOMMU
import TestSupport
import Testing

@testable import NVMe

@Suite struct TransferTests {
  @Test func whatWasWrittenIsReadBackAndTheBufferReturned() throws {
    let bench = Bench()
    try bench.start()
    let source = try bench.buffer(3 * 4096, offset: 256)
    for (index, address) in (source.first.rawValue...source.last.rawValue).enumerated() {
      bench.memory[address] = UInt8(truncatingIfNeeded: index &* 13 &+ index >> 8)
    }
    try bench.driver.submitWrite(queue: 0, lba: 100, blocks: 3, buffer: source, tag: 1)
    #expect(try bench.run() == [NVMeCompletion(queue: 0, tag: 1, outcome: .success)])
    let target = try bench.buffer(5 * 4096)
    try bench.driver.submitRead(queue: 0, lba: 99, blocks: 5, buffer: target, tag: 2)
    try bench.driver.submitFlush(queue: 0, tag: 3)
    #expect(bench.domain.liveStreaming == 1)
    #expect(try bench.run().map(\.tag) == [2, 3])
    #expect(bench.domain.liveStreaming == 0)
    let expected = bench.controller.block(99) + bench.bytes(source) + bench.controller.block(103)
    #expect(bench.bytes(target) == expected)
    #expect(bench.controller.faults.isEmpty)
    try bench.shutDown()
    #expect(bench.domain.isEmpty)
  }

  @Test func oneAnnouncementAndOneDoorbellServeAllSubmissions() throws {
    let bench = Bench()
    try bench.start()
    let before = bench.domain.synchronizations
    for tag in 0..<7 {
      try bench.driver.submitRead(
        queue: 0, lba: 0, blocks: 1, buffer: try bench.buffer(4096), tag: UInt64(tag))
    }
    #expect(bench.controller.commands.isEmpty)
    #expect(try bench.driver.ringDoorbell(queue: 0) { _ in } == 7)
    #expect(try bench.driver.ringDoorbell(queue: 0) { _ in } == 0)
    #expect(bench.domain.synchronizations == before + 1)
    #expect(bench.controller.commands.count == 7)
    #expect(try bench.driver.poll(queue: 0) { _ in } == 7)
    let counters = bench.driver.counters(queue: 0)
    #expect(counters.tailDoorbells == 1)
    #expect(counters.headDoorbells == 1)
    #expect(counters.submitted == 7 && counters.completed == 7)
    try bench.shutDown()
  }

  @Test func whatIsCompleteIsSeenWithoutBeingTaken() throws {
    let bench = Bench()
    try bench.start()
    // Several times round the queue of eight entries, so that phases change within a look.
    for round in 1...9 as ClosedRange<UInt64> {
      for tag in 0..<5 as Range<UInt64> {
        try bench.driver.submitRead(
          queue: 0, lba: 0, blocks: 1, buffer: try bench.buffer(4096), tag: round * 10 + tag)
      }
      #expect(try !bench.driver.hasCompleted(1, queue: 0))
      try bench.driver.ringDoorbell(queue: 0) { _ in }
      #expect(try bench.driver.hasCompleted(5, queue: 0))
      #expect(try !bench.driver.hasCompleted(6, queue: 0))
      #expect(try bench.driver.poll(queue: 0, limit: 2) { _ in } == 2)
      #expect(try bench.driver.hasCompleted(3, queue: 0))
      #expect(try !bench.driver.hasCompleted(4, queue: 0))
      #expect(try bench.driver.poll(queue: 0) { _ in } == 3)
    }
    try bench.shutDown()
  }

  @Test func aFullQueueIsAnErrorAndMapsNothing() throws {
    let bench = Bench()
    try bench.start()
    bench.controller.isHolding = true
    let buffer = try bench.buffer(4096)
    for tag in 0..<7 {
      try bench.driver.submitRead(queue: 0, lba: 0, blocks: 1, buffer: buffer, tag: UInt64(tag))
    }
    #expect(throws: NVMeError.queueFull(queue: 0, slots: 7)) {
      try bench.driver.submitRead(queue: 0, lba: 0, blocks: 1, buffer: buffer, tag: 7)
    }
    #expect(bench.domain.liveStreaming == 7)
    try bench.driver.ringDoorbell(queue: 0) { _ in }
    bench.controller.release(3)
    var ended: [UInt64] = []
    try bench.driver.poll(queue: 0) { ended.append($0.tag) }
    #expect(ended == [3])
    try bench.driver.submitRead(queue: 0, lba: 0, blocks: 1, buffer: buffer, tag: 8)
    #expect(throws: NVMeError.queueFull(queue: 0, slots: 7)) {
      try bench.driver.submitFlush(queue: 0, tag: 9)
    }
    #expect(bench.driver.outstanding(queue: 0) == 7)
    try bench.shutDown()
    #expect(bench.domain.isEmpty)
  }

  @Test func manyRoundsWrapTheQueuesAndKeepTheDataApart() throws {
    let bench = Bench(cpus: 2, options: NVMeOptions(queueEntries: 5))
    try bench.start()
    var generator = SplitMix64(seed: 42)
    let buffers = try (0..<4).map { _ in try bench.buffer(4096) }
    for round in 0..<500 {
      let queue = round % 2
      let count = Int.random(in: 1...4, using: &generator)
      let blocks = (0..<count).map { _ in UInt64.random(in: 0..<1 << 32, using: &generator) }
      for (index, lba) in blocks.enumerated() {
        try bench.driver.submitRead(
          queue: queue, lba: lba, blocks: 1, buffer: buffers[index], tag: lba)
      }
      let reports = try bench.run(queue: queue)
      #expect(reports.map(\.tag) == blocks)
      for (index, lba) in blocks.enumerated() {
        #expect(bench.bytes(buffers[index]) == bench.controller.block(lba))
      }
    }
    #expect(bench.controller.faults.isEmpty)
    try bench.shutDown()
    #expect(bench.domain.isEmpty)
  }

  @Test func requestsThatMakeNoSenseAreRefusedBeforeAnythingIsMapped() throws {
    let bench = Bench()
    try bench.start()
    let buffer = try bench.buffer(8192)
    let last: UInt64 = 1 << 32
    func refusal(_ lba: UInt64, _ blocks: UInt32, _ buffer: PhysicalRange) -> NVMeError? {
      do throws(NVMeError) {
        try bench.driver.submitWrite(queue: 0, lba: lba, blocks: blocks, buffer: buffer, tag: 0)
        return nil
      } catch {
        return error
      }
    }
    #expect(refusal(0, 0, buffer) == .outOfRange(lba: 0, blocks: 0, capacity: last))
    #expect(refusal(last, 2, buffer) == .outOfRange(lba: last, blocks: 2, capacity: last))
    #expect(
      refusal(last - 1, 2, buffer) == .outOfRange(lba: last - 1, blocks: 2, capacity: last))
    #expect(refusal(.max, .max, buffer) == .outOfRange(lba: .max, blocks: .max, capacity: last))
    #expect(refusal(0, 1, buffer) == .wrongLength(buffer: buffer, expected: 4096))
    #expect(refusal(0, 33, buffer) == .tooLong(byteCount: 33 * 4096, maximum: 32 * 4096))
    let odd = PhysicalRange(
      first: PhysicalAddress(buffer.first.rawValue + 2), byteCount: 4096)!
    #expect(refusal(0, 1, odd) == .misaligned(odd.first.rawValue))
    #expect(bench.domain.liveStreaming == 0 && bench.driver.outstanding(queue: 0) == 0)
    #expect(refusal(last - 2, 2, buffer) == nil)
    try bench.shutDown()
    #expect(bench.domain.isEmpty)
  }

  @Test func aCommandThatFailsIsReportedWithItsStatusAndUnmapped() throws {
    let bench = Bench()
    try bench.start()
    bench.controller.nextStatus = 0x80
    try bench.driver.submitRead(
      queue: 0, lba: 0, blocks: 1, buffer: try bench.buffer(4096), tag: 4)
    #expect(
      try bench.run() == [NVMeCompletion(queue: 0, tag: 4, outcome: .failed(.outOfRange))])
    #expect(bench.domain.liveStreaming == 0)
    try bench.shutDown()
  }

  @Test func anInterruptPollsTheQueuesOfItsVector() throws {
    let bench = Bench(cpus: 3)
    bench.function.grantedVectors = 3
    try bench.start()
    for queue in 0..<3 {
      try bench.driver.submitFlush(queue: queue, tag: UInt64(queue))
      try bench.driver.ringDoorbell(queue: queue) { _ in }
    }
    var tags: [UInt64] = []
    #expect(try bench.driver.handleInterrupt(vector: 1) { tags.append($0.tag) } == 2)
    #expect(tags == [0, 2])
    #expect(try bench.driver.handleInterrupt(vector: 0) { tags.append($0.tag) } == 0)
    #expect(try bench.driver.handleInterrupt(vector: 99) { tags.append($0.tag) } == 0)
    #expect(try bench.driver.handleInterrupt(vector: 2) { tags.append($0.tag) } == 1)
    #expect(tags == [0, 2, 1])
    try bench.shutDown()
  }

  @Test func aReportMaySubmitAgain() throws {
    let bench = Bench()
    try bench.start()
    let buffer = try bench.buffer(4096)
    var left = 40
    for tag in 0..<7 {
      try bench.driver.submitRead(queue: 0, lba: 0, blocks: 1, buffer: buffer, tag: UInt64(tag))
    }
    var seen = 0
    while seen < 47 {
      try bench.driver.ringDoorbell(queue: 0) { _ in }
      try bench.driver.poll(queue: 0) { completion in
        seen += 1
        if left == 0 { return }
        left -= 1
        do {
          try bench.driver.submitRead(
            queue: 0, lba: 1, blocks: 1, buffer: buffer, tag: completion.tag)
        } catch {
          Issue.record(error)
        }
      }
    }
    #expect(seen == 47 && bench.domain.liveStreaming == 0)
    try bench.shutDown()
  }
}
