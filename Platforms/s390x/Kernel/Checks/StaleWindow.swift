import IOMMU
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
    let bench = try Bench()
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
    let single = InvalidationPolicy.singleQueue(entries: 32_768, timeout: .milliseconds(1_000))
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
    try look("single-queue:32768,1s", single, Self.none, .time)
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

  func run(_ bench: Bench, _ pages: StalePages) throws(Failure) -> Bool {
    guard let aperture = IOVARange(first: bench.function.aperture.first, byteCount: 4 << 20) else {
      throw .aperture
    }
    let schemes = SchemeChoice(
      policy: choice.policy, aperture: aperture, cpus: 1, kernel: .linux6_1, cost: .shadowed)
    let visit = StaleVisit(bench: bench, pages: pages, look: self)
    guard let holds = try schemes.accept(visit) else { throw .commandLine }
    return holds
  }

  /// Whether the policy promises that nothing is reached once an unmap has returned.
  var promisesAtOnce: Bool { choice.policy.promise == .atUnmap }
}

/// The memory of the check: a page that the device uses, one to look at the disk with, and many
/// that are mapped and never used.
struct StalePages {
  let page: DiskPage
  let mirror: DiskPage
  private let others: PhysicalRange

  init(_ memory: PhysicalMemory) throws(Failure) {
    page = try DiskPage(memory)
    mirror = try DiskPage(memory)
    do throws(TableMemoryError) {
      others = try memory.allocateBuffer(byteCount: 8 << 20)
    } catch {
      throw .memory(error)
    }
  }

  /// Another page, number `number`: after 2,048 they come round.
  func other(_ number: Int) -> PhysicalRange {
    let first = others.first.rawValue + UInt64(number % 2_048) * 4_096
    return PhysicalRange(first: PhysicalAddress(first), byteCount: 4_096) ?? others
  }
}
