import IOMMU
import NVMe
import Workloads
import ZPCI

/// A policy's stale window, under whatever scheme it needs.
struct StaleVisit: SchemeVisitor {
  let bench: Bench
  let pages: StalePages
  let look: StaleCase

  func visit<Scheme: PricedScheme>(_ scheme: Scheme) throws(Failure) -> Bool {
    let timer = KernelTimer()
    let domain: PagingDomain<KernelPlatform, Scheme>
    do throws(TableMemoryError) {
      domain = try PagingDomain(
        scheme: scheme, memory: bench.memory, timer: timer, observer: NoObserver(),
        options: PagingDomainOptions(modifiers: look.choice.modifiers))
    } catch {
      throw .memory(error)
    }
    let driver = try bench.startDriver(on: domain, slots: 4)
    let window = StaleWindow(
      bench: bench, pages: pages, look: look, domain: domain, driver: driver, timer: timer)
    let reads = try window.run(FromDevice.self, .read)
    let writes = try window.run(ToDevice.self, .write)
    try bench.stop(driver)

    let stale: UInt64 = look.promisesAtOnce ? 0 : 1
    var seen = Seen(look.name)
    seen.expect("read-mapped", reads.mapped.figure, 1)
    seen.expect("read-unmapped", reads.unmapped.figure, stale)
    seen.expect("read-flushed", reads.flushed.figure, 0)
    seen.expect("write-mapped", writes.mapped.figure, 1)
    seen.expect("write-unmapped", writes.unmapped.figure, stale)
    seen.expect("write-flushed", writes.flushed.figure, 0)
    seen.expect("rpcits-map", reads.announced + writes.announced, 2)
    seen.expect("rpcits-unmap", reads.invalidated + writes.invalidated, look.promisesAtOnce ? 2 : 0)
    if look.promisesAtOnce {
      seen.expect("rpcits-flush", reads.flushes + writes.flushes, 0)
    } else {
      seen.expectSome("rpcits-flush", min(reads.flushes, writes.flushes))
    }
    seen.tell("pages-used", UInt64(reads.used + writes.used))
    seen.expect("quarantined", domain.quarantineRecord.pages, 0)
    return seen.end()
  }
}

/// What came of telling the device an address.
enum Reach {
  /// The command was done, and the data moved.
  case moved
  /// The function went into error state, and no data moved.
  case refused
  /// Data moved that should not have, or the other way round.
  case torn

  /// 1 for data that moved, 0 for none, 2 for what must never be.
  var figure: UInt64 {
    switch self {
    case .moved: 1
    case .refused: 0
    case .torn: 2
    }
  }
}

/// What was seen in one direction.
struct StaleOutcome {
  var mapped = Reach.torn
  var unmapped = Reach.torn
  var flushed = Reach.torn
  /// RPCITs by the map, by the unmap, and by the flush.
  var announced: UInt64 = 0
  var invalidated: UInt64 = 0
  var flushes: UInt64 = 0
  /// Other pages that were mapped until the policy flushed.
  var used = 0
}
