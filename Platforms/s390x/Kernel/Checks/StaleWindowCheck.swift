import IOMMU
import NVMe
import Workloads
import ZPCI

/// What a device reaches through the address of a page that was unmapped: before the policy has
/// flushed, and after.
///
/// A page is mapped, used and unmapped by the domain. Then the device is told its address again,
/// behind the domain's back. A policy that invalidates at the unmap promises that this is refused:
/// the function goes into error state, and no data moves. One that defers keeps the translation
/// cached, and the data moves; once it has flushed, in its own way, the same is refused.
struct StaleWindowCheck {
  private static let none = PolicyModifiers.none
  private static let batch = PolicyModifiers.batch
  private static let reuse = PolicyModifiers.reuse

  func run() throws(Failure) -> Bool {
    let bench = try CheckBench()
    let pages = try StalePages(bench.memory)
    var holds = true
    func look(
      _ name: StaticString, _ policy: InvalidationPolicy, _ modifiers: PolicyModifiers,
      _ flush: StaleCase.Flush
    ) throws(Failure) {
      let one = StaleCase(name: name, choice: PolicyChoice(policy, modifiers), flush: flush)
      holds = try one.run(bench, pages) && holds
    }
    let millisecond = Nanoseconds.milliseconds(1)
    let queue = InvalidationPolicy.queue(entries: 256, timeout: .milliseconds(10))
    let full = InvalidationPolicy.queue(entries: 16, timeout: .milliseconds(1_000))
    let single = InvalidationPolicy.singleQueue(entries: 32_768, timeout: .milliseconds(100))
    let rollover = InvalidationPolicy.rollover(age: nil, stale: nil)
    let aged = InvalidationPolicy.rollover(age: millisecond, stale: nil)
    let bounded = InvalidationPolicy.rollover(age: nil, stale: StaleShare(perMille: 100))

    try look("strict", .strict, Self.none, .none)
    try look("strict+batch", .strict, Self.batch, .none)
    try look("legacy-strict", .legacyStrict, Self.none, .none)
    try look("legacy", .legacy, Self.none, .use)
    try look("legacy+batch", .legacy, Self.batch, .use)
    try look("queue:16,1s", full, Self.none, .use)
    try look("queue:256,10ms", queue, Self.none, .time)
    try look("queue:256,10ms+batch+reuse", queue, Self.batch.union(Self.reuse), .time)
    try look("single-queue:32768,100ms", single, Self.none, .time)
    try look("rollover", rollover, Self.none, .use)
    try look("rollover+batch", rollover, Self.batch, .use)
    try look("rollover+batch+reuse", rollover, Self.batch.union(Self.reuse), .use)
    try look("rollover+piggyback", rollover, .piggyback, .use)
    try look("rollover,stale=0.1", bounded, Self.none, .use)
    try look("rollover,age=1ms", aged, Self.none, .time)
    try look("rollover,age=1ms+reuse", aged, Self.reuse, .time)

    var count = Seen("rpcits")
    count.expectEqual(
      "driver-and-machine-agree", bench.function.refreshCounters.executed,
      try bench.refreshesCounted())
    return count.end() && holds
  }
}

/// One policy.
struct StaleCase {
  /// What makes the policy flush.
  enum Flush {
    /// Nothing has to: it invalidates at the unmap.
    case none
    /// Time that passes.
    case time
    /// Other pages that are mapped and unmapped.
    case use
  }

  let name: StaticString
  let choice: PolicyChoice
  let flush: Flush

  func run(_ bench: CheckBench, _ pages: StalePages) throws(Failure) -> Bool {
    let timer = KernelTimer()
    let domain = try bench.domain(
      choice.policy, choice.modifiers, mebibytes: 4, timer: timer)
    let driver = try bench.startDriver(on: domain, slots: 4)
    let window = StaleWindow(
      bench: bench, pages: pages, look: self, domain: domain, driver: driver, timer: timer)
    let reads = try window.run(FromDevice.self, .read)
    let writes = try window.run(ToDevice.self, .write)
    try bench.stop(driver)

    let stale: UInt64 = promisesAtOnce ? 0 : 1
    var seen = Seen(name)
    seen.expect("read-mapped", reads.mapped.figure, 1)
    seen.expect("read-unmapped", reads.unmapped.figure, stale)
    seen.expect("read-flushed", reads.flushed.figure, 0)
    seen.expect("write-mapped", writes.mapped.figure, 1)
    seen.expect("write-unmapped", writes.unmapped.figure, stale)
    seen.expect("write-flushed", writes.flushed.figure, 0)
    seen.expect("rpcits-map", reads.announced + writes.announced, 2)
    seen.expect("rpcits-unmap", reads.invalidated + writes.invalidated, promisesAtOnce ? 2 : 0)
    if promisesAtOnce {
      seen.expect("rpcits-flush", reads.flushes + writes.flushes, 0)
    } else {
      seen.expectSome("rpcits-flush", min(reads.flushes, writes.flushes))
    }
    seen.tell("pages-used", UInt64(reads.used + writes.used))
    seen.expect("quarantined", domain.quarantineRecord.pages, 0)
    return seen.end()
  }

  /// Whether the policy promises that nothing is reached once an unmap has returned.
  var promisesAtOnce: Bool { choice.policy.promise == .atUnmap }
}
