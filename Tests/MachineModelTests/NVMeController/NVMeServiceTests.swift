import IOMMU
import Testing

@testable import MachineModel

/// Times, order, refusals and resets.
extension NVMeDeviceTests {
  @Test func commandsAreServedSideBySideUpToTheNumberOfChannels() {
    let (bench, started) = started(steadyService(channels: 2))
    var host = started
    let begin = bench.time
    for index in 0..<5 {
      host.putRead(1, identifier: index, lba: UInt64(index), prp1: 0x20_0000 + UInt64(index) << 12)
    }
    host.ring(1)
    bench.run()
    // Fetched at 100, 200, …; two channels of 10 µs each.
    #expect(
      bench.interrupts.map { $0.time - begin } == [10_100, 10_200, 20_100, 20_200, 30_100])
    #expect(host.take(1).map(\.identifier) == [0, 1, 2, 3, 4])
  }

  @Test func theBusMovesOneTransferAfterTheOther() {
    var service = steadyService(channels: 8)
    service.transferPicosecondsPerByte = 1_000
    let (bench, started) = started(service)
    var host = started
    let begin = bench.time
    for index in 0..<3 {
      host.putRead(1, identifier: index, lba: 0, prp1: 0x20_0000 + UInt64(index) << 12)
    }
    host.putRead(1, identifier: 3, lba: 50, prp1: 0x21_0000, opcode: 1)
    host.ring(1)
    bench.run()
    // The write's 4,096 ns come first, at its start at 400; the reads' when their media are done.
    #expect(
      bench.interrupts.map { $0.time - begin } == [9_496, 14_196, 18_292, 22_388])
    #expect(host.take(1).map(\.identifier) == [3, 0, 1, 2])
  }

  @Test func completionsComeInTheOrderOfTimeWhateverTheOrderOfSubmission() {
    let (bench, started) = started(queues: 2)
    var host = started
    let begin = bench.time
    bench.delays = [0, 50_000]
    host.putRead(1, identifier: 1, lba: 0, prp1: 0x20_0000, opcode: 1)
    host.put(1, 0, identifier: 2)
    host.putRead(2, identifier: 3, lba: 0, prp1: 0x20_1000)
    host.put(2, 0, identifier: 4)
    host.ring(1)
    host.ring(2)
    bench.run()
    // Fetched round robin: 1, 3, 2, 4; a delay of 50 µs was put on the second that was asked.
    #expect(bench.interrupts.map(\.vector) == [2, 1, 2, 1])
    #expect(
      bench.interrupts.map { $0.time - begin } == [3_400, 5_100, 10_200, 53_300])
    #expect(host.take(1).map(\.identifier) == [1, 2])
    #expect(host.take(2).map(\.identifier) == [4, 3])
  }

  @Test func theSameSeedGivesTheSameTimesWithinTheJitter() {
    func times() -> [UInt64] {
      var service = steadyService(channels: 64)
      service.jitterThousandths = 200
      let (bench, started) = started(service)
      var host = started
      for index in 0..<15 { host.putRead(1, identifier: index, lba: 0, prp1: 0x20_0000) }
      let begin = bench.time
      host.ring(1)
      bench.run()
      return bench.interrupts.map { $0.time - begin }
    }
    let first = times()
    #expect(first == times() && Set(first).count > 5)
    #expect(first.allSatisfy { $0 >= 8_100 && $0 <= 12_000 + 1_500 })
  }

  @Test func aFullCompletionQueueHoldsCompletionsBackUntilItIsRead() {
    let (bench, started) = started()
    var host = started
    var identifiers: [Int] = []
    for round in 0..<2 {
      for index in 0..<10 { host.put(1, 0, identifier: round * 10 + index) }
      host.ring(1)
      bench.run()
      if round == 0 { identifiers += host.take(1, isTelling: false).map(\.identifier) }
    }
    // 15 of 20 fit; 10 of them were read, but the device does not know.
    identifiers += host.take(1).map(\.identifier)
    #expect(identifiers == Array(0..<15))
    identifiers += host.take(1).map(\.identifier)
    #expect(identifiers == Array(0..<20))
  }

  @Test func aRefusedTransferIsNeverCompletedAndAResetBringsTheDeviceBack() {
    let (bench, started) = started()
    var host = started
    bench.forbidden = [0x20_1000 / 4096]
    host.putRead(1, identifier: 1, lba: 0, blocks: 2, prp1: 0x20_0000, prp2: 0x20_1000)
    host.put(1, 0, identifier: 2)
    host.putRead(1, identifier: 3, lba: 7, prp1: 0x20_2000)
    host.ring(1)
    bench.run()
    #expect(bench.isBlocked && bench.interrupts.count == 1)
    #expect(host.take(1).map(\.identifier) == [2])
    #expect(host.read(0x1c) == 3)
    // The function comes back; the device needs its reset.
    bench.isBlocked = false
    host.put(1, 0, identifier: 4)
    host.ring(1)
    bench.run()
    #expect(host.take(1).isEmpty)
    host.write(0, 0x14)
    #expect(host.read(0x1c) == 0 && bench.events.isEmpty)
    host.enable()
    host.createPair(1)
    host.put(1, 0, identifier: 5)
    host.ring(1)
    bench.run()
    #expect(host.take(1).map(\.identifier) == [5])
  }

  @Test func aRefusedFetchIsFatal() {
    let (bench, started) = started()
    var host = started
    host.put(1, 0, identifier: 1)
    bench.forbidden = [DeviceHost.submission(1) / 4096]
    host.ring(1)
    bench.run()
    #expect(host.read(0x1c) == 3 && bench.interrupts.isEmpty)
    #expect(bench.device.totals.memoryFaults == 1)
  }

  @Test func aRefusedWriteStoresNothing() {
    let (bench, started) = started()
    var host = started
    bench.forbidden = [0x20_1000 / 4096]
    bench.memory[0x20_0000] = 1
    host.putRead(1, identifier: 1, lba: 0, blocks: 2, prp1: 0x20_0000, prp2: 0x20_1000, opcode: 1)
    host.ring(1)
    bench.run()
    #expect(bench.device.media.writtenBlocks == 0 && bench.device.totals.writes == 0)
  }

  @Test func disablingStopsEveryAccessToMemory() {
    let (bench, started) = started()
    var host = started
    for index in 0..<8 { host.putRead(1, identifier: index, lba: 0, prp1: 0x20_0000) }
    host.ring(1)
    bench.run(until: bench.time + 5_000)
    host.write(0x0046_0000, 0x14)
    #expect(bench.events.isEmpty)
    bench.run()
    #expect(host.take(1, isTelling: false).isEmpty)
    #expect(bench.memory[0x20_0000..<0x20_1000].allSatisfy { $0 == 0 })
  }

  @Test func deletingASubmissionQueueAbortsWhatItHadInFlight() {
    let (bench, started) = started(steadyService(channels: 1))
    var host = started
    host.putRead(1, identifier: 1, lba: 0, prp1: 0x20_0000)
    host.putRead(1, identifier: 2, lba: 0, prp1: 0x20_0000)
    host.ring(1)
    bench.run(until: bench.time + 1_000)
    #expect(host.admin(0, dword10: 1)?.status == 0)
    #expect(Set(host.take(1).map(\.status)) == [0x08])
    #expect(bench.device.busyChannels == 0 && bench.device.waitingWorks.isEmpty)
    #expect(bench.device.totals.reads == 0)
  }
}
