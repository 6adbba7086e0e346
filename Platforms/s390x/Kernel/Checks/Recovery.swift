import IOMMU
import NVMe
import Workloads
import ZPCI

/// A device that uses an address nobody mapped: it is stopped, and everything else goes on.
///
/// With a round of requests out, one more command names an address that is not mapped. The machine
/// puts the function into error state, in which nothing of the round can be completed. The function
/// is recovered and the controller reset, once with the requests reported as lost, and once with
/// the driver keeping them; either way each is done in the end, and done once.
struct RecoveryCheck {
  private let depth = 32

  func run() throws(Failure) -> Bool {
    let bench = try CheckBench()
    let domain = try bench.domain(.plainRollover, .batch)
    // One slot more than the round takes, for the command that goes astray.
    let driver = try bench.startDriver(on: domain, slots: depth + 1)
    let book = try RequestBook(.mixed(depth: depth, seed: 11))
    let events = try ChannelEvents()
    try book.run(rounds: 4, on: driver)

    let reported = try strayRound(book, bench, driver, domain, events, .fail)
    try book.settle(driver)
    let kept = try strayRound(book, bench, driver, domain, events, .requeue)
    var resubmitted = 0
    try driving { () throws(NVMeError) in
      resubmitted = try driver.resubmit(queue: 0)
      try driver.ringDoorbell(queue: 0) { book.take($0) }
    }
    try book.takeAll(driver)

    bench.tampering.watch()
    try book.run(rounds: 4, on: driver)
    bench.tampering.unwatch()
    let planned = book.opened
    let done = book.tally.done
    try book.readBack(on: driver)
    try bench.stop(driver)

    var requests = Seen("requests")
    requests.expect("planned", planned, 10 * UInt64(depth))
    requests.expect("done", done, planned)
    requests.expect("reported-lost", book.tally.lost, UInt64(depth))
    requests.expect("asked-again", book.tally.repeated, UInt64(depth))
    // The command that went astray is among those that the driver keeps.
    requests.expect("kept", UInt64(resubmitted), UInt64(depth) + 1)
    requests.expect("read-back", book.tally.done - done, planned)
    requests.expect("failed", book.tally.failures, 0)
    requests.expect("strays", book.tally.strays, 0)
    requests.expect("wrong-blocks", book.tally.wrongBlocks, 0)
    requests.tell("mapped", domain.counters[.maps])
    requests.expect("quarantined", domain.quarantineRecord.pages, 0)
    requests.expect("live-mappings", domain.liveMappings, 0)
    requests.expect(
      "rpcits", bench.function.refreshCounters.executed, try bench.refreshesCounted())
    return reported && kept && requests.end()
  }

  /// A round with a command among it that names an address which is not mapped, up to the reset.
  private func strayRound(
    _ book: RequestBook, _ bench: CheckBench, _ driver: CheckDriver,
    _ domain: CheckDomain, _ events: ChannelEvents, _ disposition: NVMeResetDisposition
  ) throws(Failure) -> Bool {
    // Addresses are handed out from the lowest, and the last is far from being reached.
    let astray = domain.aperture.last.alignedDown(log2: 12)
    // A controller that goes on for a moment when its function is recovered may use what it had
    // fetched before, and be refused again.
    events.passOver()
    // Not a read of the disk, which would use the address again when the disk has answered.
    book.openRound()
    try driving { () throws(NVMeError) in
      try book.ask(driver)
      try driver.submitUnchecked(
        queue: 0, .write, lba: RoundPlan.spareBlock, at: astray, tag: RequestBook.foreignTag)
      try driver.ringDoorbell(queue: 0) { book.take($0) }
    }
    try bench.waitForErrorState()
    let completed = UInt64(depth - book.count(.asked))
    let answer = bench.statusAnswer()
    let error = try events.awaitError()
    let lostBefore = book.tally.lost
    try bench.recover(driver, disposition) { book.take($0) }

    var seen = Seen(disposition == .fail ? "fault-reported" : "fault-kept")
    seen.tell("completed-before", completed)
    seen.expect("condition-code", UInt64(answer.conditionCode), 1)
    seen.expect("status", UInt64(answer.status), UInt64(LoadStoreStatus.blocked))
    seen.expect("event", UInt64(error.code), ChannelEvents.translationProtection)
    seen.expect("event-function", UInt64(error.functionID), UInt64(bench.function.functionID))
    seen.expect("event-address-is-the-stray-one", error.address == astray.rawValue)
    seen.expect("function-works", bench.function.state == .enabled)
    seen.expect(
      "reported", book.tally.lost - lostBefore, disposition == .fail ? UInt64(depth) : 0)
    return seen.end()
  }
}
