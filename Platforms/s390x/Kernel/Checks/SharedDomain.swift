import IOMMU
import NVMe
import Workloads
import ZPCI

/// Two devices of two groups in one domain: each is told of every mapping, by an RPCIT of its own.
///
/// They take turns with rounds of requests on disks of their own. Then one page, mapped once, takes
/// data from the one disk to the other; when it is unmapped, both are refused.
struct SharedDomainCheck {
  private let depth = 32
  private let turns = 8

  func run() throws(Failure) -> Bool {
    let tampering = Tampering()
    let one = try CheckBench(number: 0, tampering: tampering)
    let other = try CheckBench(number: 1, tampering: tampering)
    let domain = try one.domain(.strict)
    let oneDriver = try one.startDriver(on: domain, slots: depth)
    let otherDriver = try other.startDriver(on: domain, slots: depth)
    let oneBook = try RequestBook(.mixed(depth: depth, seed: 21))
    let otherBook = try RequestBook(.mixed(depth: depth, seed: 22), firstBlock: 1 << 32)

    let before = (one.refreshes, other.refreshes)
    for _ in 0..<turns {
      try oneBook.run(rounds: 1, on: oneDriver)
      try otherBook.run(rounds: 1, on: otherDriver)
    }
    var rounds = Seen("turns")
    let requests = 2 * UInt64(turns * depth)
    rounds.expect("requests", oneBook.tally.done + otherBook.tally.done, requests)
    // One for the map and one for the unmap, whichever of the two the request is for.
    rounds.expect("rpcits-first", one.refreshes - before.0, 2 * requests)
    rounds.expect("rpcits-second", other.refreshes - before.1, 2 * requests)
    let hasTurns = rounds.end()

    let isShared = try sharePage(domain, (one, oneDriver), (other, otherDriver))
    try oneBook.run(rounds: 1, on: oneDriver)
    try otherBook.run(rounds: 1, on: otherDriver)
    try oneBook.readBack(on: oneDriver)
    try otherBook.readBack(on: otherDriver)
    let both = domain.deviceCount
    try one.stop(oneDriver)
    try other.stop(otherDriver)

    var end = Seen("end")
    end.expect("functions", UInt64(both), 2)
    end.expect("functions-left", UInt64(domain.deviceCount), 0)
    end.expect("wrong-blocks", oneBook.tally.wrongBlocks + otherBook.tally.wrongBlocks, 0)
    end.expect("lost", oneBook.tally.lost + otherBook.tally.lost, 0)
    end.expect("live-mappings", domain.liveMappings, 0)
    end.expect("quarantined", domain.quarantineRecord.pages, 0)
    let counted = (try one.refreshesCounted(), try other.refreshesCounted())
    end.expectEqual("first-as-counted", one.refreshes, counted.0)
    end.expectEqual("second-as-counted", other.refreshes, counted.1)
    // Those that found a function in error state were not executed.
    let issued = domain.counters.ranges + domain.counters.globals
    end.expectEqual(
      "domain-as-counted", issued - domain.counters[.absentDevices], counted.0 + counted.1)
    return end.end() && hasTurns && isShared
  }

  private typealias Member = (bench: CheckBench, driver: CheckDriver)

  /// Takes blocks from the first device's disk to the second's, through one mapping.
  private func sharePage(
    _ domain: CheckDomain, _ one: Member, _ other: Member
  ) throws(Failure) -> Bool {
    let page = try DiskPage(one.bench.memory)
    let mirror = try DiskPage(one.bench.memory)
    let source: UInt64 = RoundPlan.spareBlock
    let target = source + 64
    let before = (one.bench.refreshes, other.bench.refreshes)
    let mapping: Mapping<Bidirectional>
    do throws(MapError) {
      mapping = try domain.map(page.range, Bidirectional.self, on: .boot)
    } catch {
      throw .driver(.map(error))
    }
    let address = mapping.device.first
    page.spoil()
    let isRead = try one.bench.tell(one.driver, .read, lba: source, at: address)
    let isWritten = try other.bench.tell(other.driver, .write, lba: target, at: address)
    one.bench.tampering.watch()
    domain.unmap(mapping, on: .boot)
    one.bench.tampering.unwatch()
    let after = (one.bench.refreshes, other.bench.refreshes)

    // Both before anything else is mapped, be it for a recovery, which could get the same address.
    page.spoil()
    let readStale = try one.bench.attempt(one.driver, .read, lba: source, at: address)
    let writtenStale = try other.bench.attempt(
      other.driver, .write, lba: target + DiskPage.blocks, at: address)
    let isUntouched = page.isSpoiled
    if !readStale { try one.bench.recover(one.driver, .fail) { _ in } }
    if !writtenStale { try other.bench.recover(other.driver, .fail) { _ in } }
    try other.bench.read(other.driver, lba: target, into: mirror)
    let arrived = mirror.matching(lba: source, version: 0)

    var seen = Seen("one-page")
    seen.expect("first-wrote-it", isRead)
    seen.expect("second-read-it", isWritten)
    seen.expect("blocks-arrived", arrived, DiskPage.blocks)
    seen.expect("rpcits-first", after.0 - before.0, 2)
    seen.expect("rpcits-second", after.1 - before.1, 2)
    seen.expect("first-reached-after-unmap", readStale ? 1 : 0, 0)
    seen.expect("second-reached-after-unmap", writtenStale ? 1 : 0, 0)
    seen.expect("page-untouched", isUntouched)
    return seen.end()
  }
}
