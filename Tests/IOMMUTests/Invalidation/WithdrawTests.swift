import TestSupport
import Testing

@testable import IOMMU

@Suite("Ranges taken out of flush queues")
struct WithdrawTests {
  /// Hardware that does nothing and succeeds.
  private final class Issuer: InvalidationIssuer {
    var flushed: (() -> Void)?
    var flushes = 0

    func flush(_ range: IOVARange, _ cause: InvalidationCause, on cpu: CPUIndex) -> Bool { true }
    func flushAll(_ cause: InvalidationCause, on cpu: CPUIndex) -> Bool {
      flushes += 1
      flushed?()
      return true
    }
    func arm(_ purpose: TimerPurpose, after timeout: Nanoseconds, _ precision: TimerPrecision) {}
    func quarantine(_ range: IOVARange) {}
    func account(freed pages: UInt64, oldest since: Instant) {}
    func now() -> Instant { Instant(nanoseconds: 0) }
  }

  @Test("are not freed by the flush, and everything else is, in its order", arguments: [1, 2])
  func random(rings: Int) throws {
    let pages: UInt64 = 1_024
    let allocator = TreeAllocator(
      aperture: IOVARange(knownPage: 1 << 20, count: pages, of: .fourKiB), granule: .fourKiB,
      flavour: .linux6_12, cpus: 2, forceDAC: true, capacity: 2_000)
    let scheme = QueueScheme(
      allocator: allocator, rings: rings, entries: 16, timeout: .milliseconds(10))
    let issuer = Issuer()
    issuer.flushed = { [unowned scheme] in
      scheme.endGlobalInvalidation(scheme.beginGlobalInvalidation(), on: .boot)
    }
    var random = SplitMix64(seed: UInt64(rings))
    var live: [IOVARange] = []
    var waiting: [IOVARange] = []
    var withdrawals = 0
    var flushes = 0
    for _ in 0..<20_000 {
      let cpu = CPUIndex(Int(random.next() % 2))
      if flushes != issuer.flushes {
        // A full ring frees its own; a timer all of them. Only what is surely there is withdrawn.
        flushes = issuer.flushes
        waiting = []
      }
      switch random.next() % 7 {
      case 0, 1, 2:
        if live.count > 60 { break }
        let request = IOVARequest(pages: PageCount(1 + random.next() % 4))
        if let range = try? scheme.allocate(request, on: cpu, issuer: issuer) {
          try #require(!live.contains { $0.overlaps(range) })
          live.append(range)
        }
      case 3, 4, 5:
        if live.isEmpty { break }
        let range = live.remove(at: Int(random.next() % UInt64(live.count)))
        scheme.retire(range, since: issuer.now(), on: cpu, issuer: issuer)
        waiting.append(range)
      default:
        if random.next() % 8 == 0 {
          scheme.timerFired(.queue, on: cpu, issuer: issuer)
          waiting = []
        } else if flushes == issuer.flushes, let range = waiting.popLast() {
          try #require(scheme.withdraw(range))
          #expect(!scheme.withdraw(range))
          live.append(range)
          withdrawals += 1
        }
      }
    }
    #expect(withdrawals > 500)
    #expect(issuer.flushes > 100)
    for range in live { scheme.cancel(range, on: .boot) }
    scheme.timerFired(.queue, on: .boot, issuer: issuer)
    var count: UInt64 = 0
    while (try? scheme.allocate(IOVARequest(pages: PageCount(1)), on: .boot, issuer: issuer)) != nil
    {
      count += 1
    }
    #expect(count == pages)
  }
}
