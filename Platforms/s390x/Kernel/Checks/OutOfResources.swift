import IOMMU
import NVMe
import Workloads
import ZPCI

/// A machine that has no resources for some refreshes, and then for none at all for a while.
///
/// A domain answers a refusal by a global refresh, which lets a hypervisor give back what it had
/// pinned, and by one more attempt. Where that does not help either, the mapping is not made, and
/// its caller is told; everything else is as before, and goes on when there are resources again.
struct OutOfResourcesCheck {
  private let depth = 32
  private let rounds = 12
  /// A flush and another attempt follow each refusal; neither is refused then.
  private let period: UInt64 = 3

  func run() throws(Failure) -> Bool {
    let tampering = Tampering()
    let bench = try CheckBench(tampering: tampering)
    let book = try RequestBook(.mixed(depth: depth, seed: 31))
    // At once, at the map and at the unmap: an address that could not be refreshed is given up.
    let strict = try withPolicy("strict", .strict, .none, bench, tampering, book, givenUp: 1)
    let rollover = try withPolicy(
      "rollover+batch", .plainRollover, .batch, bench, tampering, book, givenUp: 0)

    var count = Seen("rpcits")
    count.tell("refused", tampering.refused)
    count.expect(
      "refused-as-the-driver-saw", bench.function.refreshCounters.outOfResources,
      tampering.refused)
    // Those that were left out the machine cannot have counted.
    count.expect(
      "counted", bench.refreshes - tampering.refused, try bench.refreshesCounted())
    return count.end() && strict && rollover
  }

  private func withPolicy(
    _ name: StaticString, _ policy: InvalidationPolicy, _ modifiers: PolicyModifiers,
    _ bench: CheckBench, _ tampering: Tampering, _ book: RequestBook, givenUp: UInt64
  ) throws(Failure) -> Bool {
    let domain = try bench.domain(policy, modifiers)
    let driver = try bench.startDriver(on: domain, slots: depth)
    let before = book.tally
    var seen = Seen(name)

    // Some: nobody above the domain notices.
    let refusedBefore = tampering.refused
    tampering.refuse(every: period)
    tampering.watch()
    try book.run(rounds: rounds, on: driver)
    tampering.unwatch()
    tampering.refuse(every: 0)
    let refused = tampering.refused - refusedBefore
    seen.expectSome("refused-now-and-then", refused)
    seen.expect("answered-by-a-flush", domain.counters[.outOfResources], refused)
    seen.expect("done", book.tally.done - before.done, UInt64(rounds * depth))
    seen.expect("lost-so-far", book.tally.lost - before.lost, 0)

    // All: the round cannot be begun, which is an error, and not a loss.
    let liveBefore = domain.liveMappings
    book.openRound()
    tampering.refuse(every: 1)
    let error = refusal { () throws(NVMeError) in
      try book.ask(driver)
      try driver.ringDoorbell(queue: 0) { book.take($0) }
    }
    tampering.refuse(every: 0)
    seen.expect("error-is-out-of-resources", error == .map(.control(.outOfResources)))
    seen.expect("requests-kept", UInt64(book.count(.wanted)), UInt64(depth))
    seen.expect("mapped-for-nothing", domain.liveMappings - liveBefore, 0)

    // Enough again.
    try book.settle(driver)
    try book.run(rounds: 1, on: driver)
    let done = book.tally.done
    seen.expect("done-in-the-end", done - before.done, UInt64((rounds + 2) * depth))
    try book.readBack(on: driver)
    try bench.stop(driver)
    seen.expect("read-back", book.tally.done - done, book.opened)
    seen.expect("wrong-blocks", book.tally.wrongBlocks, 0)
    seen.expect("live-mappings", domain.liveMappings, 0)
    seen.expect("given-up", domain.quarantineRecord.pages, givenUp)
    return seen.end()
  }

  /// The error that `work` ends with.
  private func refusal(_ work: () throws(NVMeError) -> Void) -> NVMeError? {
    do throws(NVMeError) {
      try work()
      return nil
    } catch {
      return error
    }
  }
}
