import IOMMU
import NVMe
import Workloads
import ZPCI

/// The life of one page, and what the device reaches through its address at each stage.
struct StaleWindow {
  let bench: CheckBench
  let pages: StalePages
  let look: StaleCase
  let domain: CheckDomain
  let driver: CheckDriver
  let timer: KernelTimer

  func run<Direction: DMADirection>(
    _ direction: Direction.Type, _ kind: NVMeUncheckedKind
  ) throws(Failure) -> StaleOutcome {
    var outcome = StaleOutcome()
    // Addresses that come round begin with this one's, and not with the page's that is looked at.
    domain.unmap(try map(pages.other(0), FromDevice.self), on: .boot)

    let announced = domain.counters[.map]
    let mapping = try map(pages.page.range, direction)
    outcome.announced = domain.counters[.map] - announced
    let address = mapping.device.first
    outcome.mapped = try tell(address, kind, version: 1)

    let invalidated = domain.counters[.unmap]
    bench.tampering.watch()
    domain.unmap(mapping, on: .boot)
    bench.tampering.unwatch()
    outcome.invalidated = domain.counters[.unmap] - invalidated
    let since = timer.now()
    outcome.unmapped = try tell(address, kind, version: 2)

    let flushes = flushCount
    switch look.flush {
    case .none: outcome.flushed = try tell(address, kind, version: 3)
    case .time:
      bench.tampering.watch()
      try letTimePass(since: since, flushes)
      bench.tampering.unwatch()
      outcome.flushed = try tell(address, kind, version: 3)
    case .use:
      // The last page stays mapped while the device is told the address, lest it be stale, too.
      let last = try useUp(flushes, &outcome.used)
      if last.device.overlaps(IOVARange(byte: address)) { throw .stuck }
      outcome.flushed = try tell(address, kind, version: 3)
      domain.unmap(last, on: .boot)
    }
    outcome.flushes = flushCount - flushes
    return outcome
  }

  /// The flushes so far, with ranges that were flushed for their age or along with a map.
  private var flushCount: UInt64 {
    domain.counters.globals - domain.counters[.attach] + domain.counters[.age]
      + domain.counters[.piggybackedPages]
  }

  private func map<Direction: DMADirection>(
    _ page: PhysicalRange, _ direction: Direction.Type
  ) throws(Failure) -> Mapping<Direction> {
    do throws(MapError) {
      let mapping = try domain.map(page, direction, on: .boot)
      try domain.synchronize(on: .boot)
      return mapping
    } catch {
      throw .driver(.map(error))
    }
  }

  /// Has time pass until the policy has flushed, or has promised to have.
  private func letTimePass(since: Instant, _ before: UInt64) throws(Failure) {
    var limit = Wait.patience
    if case .within(let promised) = look.choice.policy.promise { limit = promised }
    while timer.now().since(since) < limit {
      fireTimers()
      if flushCount > before && limit == Wait.patience { return }
      Wait.forInterruption(atMost: .microseconds(50))
    }
    // The device may have been so slow that it is high time.
    fireTimers()
  }

  private func fireTimers() {
    while let purpose = timer.takeDue() { domain.timerFired(purpose, on: .boot) }
  }

  /// Maps and unmaps other pages until the policy has flushed; the last one is mapped.
  private func useUp(_ before: UInt64, _ used: inout Int) throws(Failure) -> Mapping<FromDevice> {
    bench.tampering.watch()
    defer { bench.tampering.unwatch() }
    while used < 4_096 {
      used += 1
      let mapping = try map(pages.other(used), FromDevice.self)
      if flushCount > before { return mapping }
      domain.unmap(mapping, on: .boot)
    }
    throw .stuck
  }
}
