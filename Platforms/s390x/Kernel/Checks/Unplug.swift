import IOMMU
import Machine
import NVMe
import Workloads
import ZPCI

/// A card that is pulled while requests are out, and put in again.
///
/// Whoever operates the machine is told by a line `ready unplug`, and later `ready replug`. The
/// machine asks for the function by an event; this gives it back without a word to the driver,
/// which finds out by itself, as from a card that somebody pulled. The lost requests are done by
/// the function that comes.
struct UnplugCheck {
  private let depth = 32

  func run() throws(Failure) -> Bool {
    let events = try ChannelEvents()
    let book = try RequestBook(.mixed(depth: depth, seed: 41))
    let blocks = memoryBlocksOut()
    let isGone = try lose(book, events)
    let left = memoryBlocksOut() - blocks

    Console.write("ready replug\n")
    try awaitFunction(events)
    let bench = try CheckBench()
    let domain = try bench.domain(.plainRollover, .batch)
    let driver = try bench.startDriver(on: domain, slots: depth)
    let lost = UInt64(book.count(.wanted))
    bench.tampering.watch()
    try book.settle(driver)
    try book.run(rounds: 4, on: driver)
    bench.tampering.unwatch()
    let (planned, done) = (book.opened, book.tally.done)
    try book.readBack(on: driver)
    try bench.stop(driver)

    var seen = Seen("replug")
    seen.expect("memory-not-given-back", left, 0)
    seen.expect("lost-requests-repeated", book.tally.repeated, lost)
    seen.expectEqual("each-done-once", done, planned)
    seen.expectEqual("each-read-back", book.tally.done - done, planned)
    seen.expect("failed", book.tally.failures, 0)
    seen.expect("strays", book.tally.strays, 0)
    seen.expect("wrong-blocks", book.tally.wrongBlocks, 0)
    seen.expect("live-mappings", domain.liveMappings, 0)
    seen.expectEqual("rpcits-as-counted", bench.refreshes, try bench.refreshesCounted())
    return seen.end() && isGone
  }

  /// Rounds, until the function is gone in the middle of one; everything that was the function's is
  /// given back when this returns.
  private func lose(_ book: RequestBook, _ events: ChannelEvents) throws(Failure) -> Bool {
    let bench = try CheckBench()
    let domain = try bench.domain(.plainRollover, .batch)
    let driver = try bench.startDriver(on: domain, slots: depth)
    let identifier = bench.function.functionID
    try book.run(rounds: 4, on: driver)
    // The machine goes on writing its counts while there is a function.
    do throws(ZPCIError) {
      try bench.function.stopMeasurement(on: .boot)
    } catch {
      throw .function(error)
    }
    Console.write("ready unplug\n")
    try workUntilAskedFor(identifier, book, driver, events, bench.timer)
    let out = UInt64(book.count(.asked))
    let response = adapterDeconfigure(identifier)
    let answer = bench.statusAnswer()
    let error = loss { () throws(NVMeError) in
      try driver.reset(clock: bench.timer, disposition: .requeue, pause: {}) { book.take($0) }
    }
    bench.group.release(bench.device, on: .boot)
    bench.memory.freeBuffer(bench.counted)

    var seen = Seen("unplug")
    seen.expect("requests-out", out, UInt64(depth))
    seen.expect("given-back", Int(response) == Int(ADAPTER_DONE))
    seen.expect("condition-code", UInt64(answer.conditionCode), 3)
    seen.expect("driver-found-it-gone", error == .functionGone)
    seen.expect("reported-lost", book.tally.lost, out)
    seen.expect("released", bench.device.state == .released && domain.stuckCount == 0)
    seen.expect("listed", try functionCount(), 0)
    seen.expect("functions-of-the-domain", UInt64(domain.deviceCount + domain.pendingCount), 0)
    seen.expect("live-mappings", domain.liveMappings, 0)
    seen.expect("quarantined", domain.quarantineRecord.pages, 0)
    return seen.end()
  }

  /// Does rounds until the machine wants the function back; one is out then.
  private func workUntilAskedFor(
    _ identifier: UInt32, _ book: RequestBook,
    _ driver: CheckDriver, _ events: ChannelEvents,
    _ timer: KernelTimer
  ) throws(Failure) {
    let start = timer.now()
    while timer.now().since(start) < Self.operatorsPatience {
      book.openRound()
      try driving { () throws(NVMeError) in
        try book.ask(driver)
        try driver.ringDoorbell(queue: 0) { book.take($0) }
      }
      while let event = events.next() {
        if event.code == ChannelEvents.deconfigureRequest && event.functionID == identifier {
          return
        }
      }
      try book.takeAll(driver)
    }
    throw .stuck
  }

  /// Waits until there is a function again.
  private func awaitFunction(_ events: ChannelEvents) throws(Failure) {
    let timer = KernelTimer()
    let start = timer.now()
    while timer.now().since(start) < Self.operatorsPatience {
      while let event = events.next() {
        if event.code == ChannelEvents.configured { return }
      }
      // Idle, and not looking all the time: QEMU takes a device to pieces when processors rest.
      Wait.forInterruption(atMost: .milliseconds(1))
    }
    throw .stuck
  }

  /// The functions that the machine lists.
  private func functionCount() throws(Failure) -> UInt64 {
    var count: UInt64 = 0
    do throws(CLPError) {
      try ZPCIBus(instructions: RealInstructions()).enumerate(on: .boot) { _ in
        count += 1
        return true
      }
    } catch {
      throw .callLogicalProcessor(error)
    }
    return count
  }

  private func loss(_ work: () throws(NVMeError) -> Void) -> NVMeError? {
    do throws(NVMeError) {
      try work()
      return nil
    } catch {
      return error
    }
  }

  /// An operator may be slow.
  private static var operatorsPatience: Nanoseconds { .milliseconds(60_000) }
}
