import IOMMU
import InterleavingExplorer

/// Pages that are retired without a lock while others visit their chunk.
extension ProductScenarios {
  static let rolloverRetire = Scenario(
    "rollover-retire",
    "a page is retired while a flush ends and another processor looks for what it freed",
    checks: "no page is lost, and none is handed out while its old translation is cached"
  ) { execution in
    let bench = RetireBench()
    // One page of the chunk is stale already, so that the next is retired without the lock.
    guard let first = bench.take(on: 0), let second = bench.take(on: 0) else {
      preconditionFailure("a new allocator has no page")
    }
    bench.retire(first, on: 0)
    let isCleared = ExploredVariable("entry is cleared", false)
    let isCached = ExploredVariable("translation is cached", true)
    execution.task("unmap") {
      isCleared.store(true)
      bench.retire(second, on: 0)
    }
    execution.task("flush") {
      let epoch = bench.allocator.beginGlobalInvalidation()
      if isCleared.load() { isCached.store(false) }
      bench.allocator.endGlobalInvalidation(epoch)
    }
    var taken = 0
    execution.task("map") {
      while let page = bench.take(on: 1) {
        taken += 1
        if page == second, isCached.load() {
          execution.report("staleReuse", "the page was handed out while it was cached")
        }
      }
    }
    execution.atEnd {
      bench.allocator.endGlobalInvalidation(bench.allocator.beginGlobalInvalidation())
      while bench.take(on: 0) != nil { taken += 1 }
      if taken != bench.pages {
        execution.report("lost", "\(taken) of \(bench.pages) pages came back")
      }
    }
  }
}

/// An allocator of a few pages, by itself.
private final class RetireBench: @unchecked Sendable {
  let pages = 2
  let allocator: RolloverAllocator

  init() {
    guard let aperture = IOVARange(first: IOVA(0), byteCount: UInt64(pages) << 12) else {
      preconditionFailure("no aperture")
    }
    allocator = RolloverAllocator(aperture: aperture, granule: .fourKiB, cpus: 2)
  }

  /// A page, or `nil` where none is free.
  func take(on cpu: Int) -> IOVARange? {
    do throws(IOVAAllocationError) {
      return try allocator.allocate(IOVARequest(pages: PageCount(1)), on: CPUIndex(cpu))
    } catch {
      return nil
    }
  }

  func retire(_ page: IOVARange, on cpu: Int) {
    allocator.retire(page, at: Instant(nanoseconds: 1), on: CPUIndex(cpu))
  }
}
