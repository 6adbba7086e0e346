import IOMMU
import enum TestSupport.TestScale
import Testing
import ZPCI

@testable import MachineModel

/// The domain's own account of what is stale, against the ledger's, page by page.
struct StaleWindowTests {
  /// A random load on a bench; both accounts are compared at the end and on the way.
  private static func check<Scheme: InvalidationScheme>(
    _ bench: StackBench<S390ThreeLevel, Scheme>, seed: UInt64
  ) throws {
    var random = RandomStream(seed: seed, name: "load")
    let buffers = try (0..<24).map { _ in try bench.buffer(pages: 3) }
    var held: [HeldMapping] = []
    for step in 0..<TestScale.count(1_500) {
      bench.machine.charge(Nanoseconds(random.next(below: 20_000)))
      bench.machine.run(until: bench.machine.currentTime)
      if held.count > 8 || !held.isEmpty && random.next(below: 2) == 0 {
        held.remove(at: Int(random.next(below: UInt64(held.count)))).unmap(from: bench.domain)
      } else {
        let buffer = buffers[Int(random.next(below: 24))]
        let pages = 1 + random.next(below: 3)
        let part = try #require(PhysicalRange(first: buffer.first, byteCount: pages * 4_096))
        held.append(HeldMapping(try bench.domain.map(part, FromDevice.self, on: .boot)))
        try bench.domain.synchronize(on: .boot)
      }
      #expect(
        bench.domain.staleWindow.stalePages == UInt64(bench.checkers.ledger.staleCount),
        "after step \(step)")
    }
    for mapping in held { mapping.unmap(from: bench.domain) }
    bench.machine.charge(Nanoseconds(1_000))
    let end = bench.machine.currentTime
    bench.checkers.closeWindow()
    let exact = bench.checkers.window
    let own = bench.domain.staleWindow
    // A thousand looks at the clock take a nanosecond, and some fall between the two accounts.
    let difference = Int64(own.pageNanoseconds(at: end)) - Int64(exact.pageNanoseconds)
    #expect(difference.magnitude <= exact.pages, "\(own.pageNanoseconds(at: end)), \(exact)")
    #expect(own.pages == exact.pages)
    // What never stopped being stale counts for the ledger alone.
    #expect(bench.domain.flushAll(.timeout, on: .boot))
    #expect(own.longestTime.rawValue + 1 >= exact.longestNanoseconds)
    bench.finish()
    bench.expect(broken: [])
  }

  private static let modifiers = [
    PolicyModifiers.none, .batch, .reuse, .piggyback, PolicyModifiers(rawValue: 7),
  ]
  private static let kinds = [TranslationKind.shadowed, .direct]

  @Test(arguments: modifiers, kinds) func queuesAgreeWithTheLedger(
    _ modifiers: PolicyModifiers, _ kind: TranslationKind
  ) throws {
    try Self.check(
      StackBench(
        kind, format: S390ThreeLevel.self, promise: .untilInvalidation, modifiers: modifiers
      ) {
        QueueScheme(allocator: $0.tree, rings: 1, entries: 16, timeout: Nanoseconds(10_000_000))
      }, seed: 1)
  }

  @Test(arguments: modifiers, kinds) func theBitmapAgreesWithTheLedger(
    _ modifiers: PolicyModifiers, _ kind: TranslationKind
  ) throws {
    try Self.check(
      StackBench(
        kind, format: S390ThreeLevel.self, promise: .untilInvalidation, modifiers: modifiers,
        description: { $0.apertureBytes = 1 << 20 }
      ) {
        BitmapScheme(
          allocator: BitmapAllocator(aperture: $0, granule: .fourKiB, mode: .lazy))
      }, seed: 2)
  }

  @Test(arguments: modifiers, kinds) func rolloverAgreesWithTheLedger(
    _ modifiers: PolicyModifiers, _ kind: TranslationKind
  ) throws {
    try Self.checkRollover(modifiers, kind, age: nil)
    try Self.checkRollover(modifiers, kind, age: 200_000)
  }

  private static func checkRollover(
    _ modifiers: PolicyModifiers, _ kind: TranslationKind, age: UInt64?
  ) throws {
    var cost = InvalidationCost.shadowed
    let bench = try StackBench(
      kind, format: S390ThreeLevel.self,
      promise: age.map { .within(Nanoseconds($0 * 6 / 5 + 100_000)) } ?? .untilInvalidation,
      modifiers: modifiers,
      description: {
        $0.apertureBytes = 1 << 20
        cost = $0.invalidationCost
      }
    ) {
      RolloverScheme(
        allocator: RolloverAllocator(aperture: $0, granule: .fourKiB, cpus: 1),
        age: age.map { Nanoseconds($0) }, staleLimit: age == nil ? 100 : .max, cost: cost)
    }
    try check(bench, seed: 3)
  }
}
