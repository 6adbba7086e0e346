import Foundation
import IOMMU
import Synchronization
import TestSupport
import Testing

/// Real threads on one allocator; run it under the thread sanitizer as well.
@Suite struct RolloverConcurrent {
  /// What the threads share: the allocator, and who has each page by its own account.
  final class Shared: Sendable {
    static let pageCount = 1_200
    let allocator: RolloverAllocator
    /// 0 for a page that nobody has; else the thread that has it, or `staleMark` plus the number of
    /// invalidations that had begun before its entry was cleared.
    let owners: [Owner]
    /// Invalidations, as the hardware would count them: begun before issue, finished after.
    let begun = Atomic<UInt64>(0)
    let finished = Atomic<UInt64>(0)
    let violations = Atomic<Int>(0)
    let refusals = Atomic<Int>(0)
    let running = Atomic<Int>(4)

    final class Owner: Sendable {
      let value = Atomic<UInt64>(0)
    }

    init() {
      guard let aperture = IOVARange(first: IOVA(0x8000), byteCount: 4096 * UInt64(Self.pageCount))
      else { preconditionFailure("no aperture") }
      allocator = RolloverAllocator(aperture: aperture, granule: .fourKiB, cpus: 3)
      owners = (0..<Self.pageCount).map { _ in Owner() }
    }

    static let staleMark: UInt64 = 1 << 32

    func pages(_ range: IOVARange) -> ClosedRange<Int> {
      Int(range.first.rawValue / 4096) - 8...Int(range.last.rawValue / 4096) - 8
    }

    /// Checks that nobody has the pages and that what they were stale for is over.
    func take(_ range: IOVARange, as thread: UInt64) {
      // Read after the allocation: every invalidation that it could rely on is in it.
      let finished = finished.load(ordering: .acquiring)
      for page in pages(range) {
        let old = owners[page].value.exchange(thread, ordering: .acquiringAndReleasing)
        if old == 0 { continue }
        if old < Self.staleMark || finished <= old - Self.staleMark {
          violations.wrappingAdd(1, ordering: .relaxed)
        }
      }
    }

    /// Gives the pages up by the threads' own account, just before the allocator is told.
    func leave(_ range: IOVARange, as thread: UInt64, stale: Bool) {
      let mark = stale ? Self.staleMark + begun.load(ordering: .sequentiallyConsistent) : 0
      for page in pages(range) {
        let old = owners[page].value.exchange(mark, ordering: .acquiringAndReleasing)
        if old != thread { violations.wrappingAdd(1, ordering: .relaxed) }
      }
    }

    /// A global invalidation that counts itself as a device would.
    func flush() {
      let epoch = allocator.beginGlobalInvalidation()
      let number = begun.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
      // One flusher: its invalidations end in order.
      finished.store(number, ordering: .releasing)
      allocator.endGlobalInvalidation(epoch)
    }
  }

  static func work(_ shared: Shared, thread: UInt64, steps: Int) {
    var random = SplitMix64(seed: thread)
    var held: [IOVARange] = []
    let cpu = CPUIndex(Int(thread))
    for step in 0..<steps {
      if random.oneIn(2), held.count < 60 {
        let pages = random.oneIn(4) ? 1 + random.below(40) : 1
        let asked = random.oneIn(60) ? 257 + random.below(50) : pages
        do throws(IOVAAllocationError) {
          let range = try shared.allocator.allocate(
            IOVARequest(pages: PageCount(asked)), on: cpu)
          shared.take(range, as: thread)
          held.append(range)
        } catch {
          shared.refusals.wrappingAdd(1, ordering: .relaxed)
        }
      } else if !held.isEmpty {
        held.swapAt(Int(random.below(UInt64(held.count))), held.count - 1)
        let range = held.removeLast()
        let isStale = !random.oneIn(4)
        shared.leave(range, as: thread, stale: isStale)
        if isStale {
          shared.allocator.retire(range, at: Instant(nanoseconds: UInt64(step)), on: cpu)
        } else {
          shared.allocator.free(range, on: cpu)
        }
      }
      _ = random.oneIn(50) ? shared.allocator.stalePages : 0
    }
    for range in held {
      shared.leave(range, as: thread, stale: true)
      shared.allocator.retire(range, at: Instant(nanoseconds: 0), on: cpu)
    }
  }

  @Test("Threads never get each other's pages, nor stale ones, and lose none")
  func randomWork() throws {
    let shared = Shared()
    for thread in 1...4 as ClosedRange<UInt64> {
      Thread.detachNewThread {
        Self.work(shared, thread: thread, steps: 20_000)
        shared.running.wrappingSubtract(1, ordering: .releasing)
      }
    }
    while shared.running.load(ordering: .acquiring) > 0 {
      shared.flush()
      Thread.sleep(forTimeInterval: 0.000_1)
    }
    #expect(shared.violations.load(ordering: .relaxed) == 0)
    #expect(shared.allocator.livePages == 0)
    shared.flush()
    #expect(shared.allocator.stalePages == 0)
    for _ in 0..<Shared.pageCount {
      _ = try shared.allocator.allocate(IOVARequest(pages: PageCount(1)), on: .boot)
    }
    #expect(throws: IOVAAllocationError.self) {
      _ = try shared.allocator.allocate(IOVARequest(pages: PageCount(1)), on: .boot)
    }
  }
}
