import IOMMU
import Testing

@testable import NVMe

@Suite struct StartTests {
  @Test func aStartedControllerTellsWhatItIs() throws {
    let bench = Bench(cpus: 3)
    bench.controller.blockLog2 = 9
    bench.controller.blockCount = 12345
    bench.controller.mdts = 4
    try bench.start()
    let information = bench.driver.information
    #expect(bench.driver.state == .running)
    #expect(information.blockCount == 12345)
    #expect(information.blockLog2 == 9)
    #expect(information.maximumTransferBytes == 65536)
    #expect(information.version == 0x0001_0400)
    #expect(information.vendor == 0x1b36)
    #expect(information.queueCount == 3)
    #expect(information.queueSlots == 7)
    #expect(bench.function.command & 6 == 6)
    #expect(bench.controller.adminOpcodes == [6, 6, 9, 5, 1, 5, 1, 5, 1])
    #expect(bench.controller.faults.isEmpty)
    try bench.shutDown()
    #expect(bench.domain.isEmpty && bench.memory.allocated.isEmpty)
    #expect(!bench.function.hasVectors)
  }

  @Test func vectorsAreOneAQueueAndSharedWhereThereAreFewer() throws {
    for (granted, vectors) in [(64, [1, 2, 3, 4]), (3, [1, 2, 1, 2]), (1, [0, 0, 0, 0])] {
      let bench = Bench(cpus: 4)
      bench.function.grantedVectors = granted
      try bench.start()
      #expect((0..<4).map { bench.driver.vector(queue: $0) } == vectors)
      #expect((1...4).map { bench.controller.queues[$0]?.interrupt } == vectors.map { UInt64($0) })
      try bench.shutDown()
    }
    let bench = Bench(cpus: 1)
    bench.function.grantedVectors = 0
    try bench.start()
    #expect(bench.driver.information.vectorCount == 0)
    #expect(bench.controller.queues[1]?.interrupt == nil)
    try bench.shutDown()
  }

  @Test func fewerAndSmallerQueuesAreMadeDoWith() throws {
    let bench = Bench(cpus: 4, options: NVMeOptions(queueEntries: 1024))
    bench.controller.maximumEntries = 4
    bench.controller.grantedQueues = 2
    try bench.start()
    #expect(bench.driver.information.queueCount == 2)
    #expect(bench.driver.information.queueSlots == 3)
    #expect(throws: NVMeError.noQueue(2)) { try bench.driver.submitFlush(queue: 2, tag: 0) }
    #expect(throws: NVMeError.noQueue(-1)) { try bench.driver.submitFlush(queue: -1, tag: 0) }
    try bench.shutDown()
    #expect(bench.domain.isEmpty)
  }

  @Test func theDoorbellStrideIsFollowed() throws {
    let bench = Bench(cpus: 2)
    bench.controller.doorbellStrideField = 3
    try bench.start()
    try bench.driver.submitFlush(queue: 1, tag: 5)
    #expect(try bench.run(queue: 1).map(\.tag) == [5])
    try bench.shutDown()
  }

  @Test func aControllerThatNeverBecomesReadyTimesOut() throws {
    let bench = Bench()
    bench.controller.doesBecomeReady = false
    var error: NVMeError?
    do throws(NVMeError) { try bench.start() } catch let thrown { error = thrown }
    guard case .timeout(.ready, let polls) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    // CAP.TO says two units of half a second; one is added; the clock moves 0.1 ms a look.
    #expect(polls > 14_900 && polls < 15_100)
    #expect(bench.driver.state == .stopped)
    #expect(bench.domain.isEmpty && bench.memory.allocated.isEmpty)
  }

  @Test func thePollLimitBoundsAWaitWhoseClockStands() throws {
    let bench = Bench(options: NVMeOptions(queueEntries: 8, pollLimit: 10))
    struct Standing: MonotonicClock {
      func now() -> Instant { Instant(nanoseconds: 0) }
    }
    bench.controller.doesBecomeReady = false
    #expect(throws: NVMeError.timeout(.ready, polls: 10)) {
      try bench.driver.initialise(clock: Standing(), pause: {})
    }
    #expect(bench.domain.isEmpty)
  }

  @Test func aNamespaceOfUnsuitableBlocksIsRefused() throws {
    let bench = Bench()
    bench.controller.blockLog2 = 13
    #expect(throws: NVMeError.unsupportedNamespace(blocks: 1 << 32, blockLog2: 13)) {
      try bench.start()
    }
    #expect(bench.domain.isEmpty && bench.driver.state == .stopped)
  }

  @Test func eachFailingAllocationLeavesNothingBehind() throws {
    for index in 1...9 {
      let bench = Bench(cpus: 2)
      bench.domain.failingCoherent = index
      #expect(throws: NVMeError.self) { try bench.start() }
      #expect(bench.domain.isEmpty && bench.memory.allocated.isEmpty, "allocation \(index)")
      #expect(bench.driver.state == .stopped)
      try bench.start()
      try bench.shutDown()
      #expect(bench.domain.isEmpty && bench.memory.allocated.isEmpty, "allocation \(index)")
    }
  }

  @Test func nothingIsAcceptedBeforeTheStart() {
    let bench = Bench()
    #expect(throws: NVMeError.noQueue(0)) { try bench.driver.submitFlush(queue: 0, tag: 0) }
    #expect(throws: NVMeError.noQueue(0)) { try bench.driver.poll(queue: 0) { _ in } }
  }

  @Test func aFunctionInErrorDuringTheStartIsLeftForAReset() throws {
    let whole = Bench()
    try whole.start()
    for access in 1...whole.function.accesses {
      let bench = Bench()
      bench.function.failure = .functionInError
      bench.function.failingFrom = access
      #expect(throws: NVMeError.functionInError) { try bench.start() }
      #expect(bench.driver.state == .inError)
      #expect(throws: NVMeError.noQueue(0)) { try bench.driver.poll(queue: 0) { _ in } }
      #expect(throws: NVMeError.wrongState(.inError)) { try bench.start() }
      try bench.driver.reset(
        clock: bench.clock, disposition: .fail,
        recover: { () throws(PCIAccessError) in bench.function.failingFrom = nil }, pause: {}
      ) { _ in }
      try bench.driver.submitFlush(queue: 0, tag: 3)
      #expect(try bench.run().map(\.tag) == [3])
      try bench.shutDown()
      #expect(bench.domain.isEmpty && bench.memory.allocated.isEmpty, "access \(access)")
    }
    try whole.shutDown()
  }

  @Test func aShutdownThatDoesNotCompleteIsFollowedByAStop() throws {
    let bench = Bench()
    try bench.start()
    bench.controller.doesShutDown = false
    try bench.shutDown()
    #expect(bench.driver.state == .stopped && bench.domain.isEmpty)
  }
}
