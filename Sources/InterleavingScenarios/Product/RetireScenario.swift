import IOMMU
import InterleavingExplorer

/// Pages that are retired without a lock while others visit their chunk.
extension ProductScenarios {
  static let rolloverRetire = Scenario(
    "rollover-retire",
    "a page is retired while a flush ends and another processor looks for what it freed",
    checks: "no page is lost, and none is handed out while its old translation is cached"
  ) { execution in
    retire(RetireBench(), in: execution)
  }

  static let rolloverRetireRange = Scenario(
    "rollover-retire-range",
    "pages of two words are retired while a flush ends and another processor looks for them",
    checks: "no page is lost, and none is handed out while its old translation is cached"
  ) { execution in
    retire(RetireBench(pagesEach: 128), in: execution)
  }

  private static func retire(_ bench: RetireBench, in execution: Execution) {
    // One range of the chunk is stale already, so that the next is retired without the lock.
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
      if taken != bench.count {
        execution.report("lost", "\(taken) of \(bench.count) ranges came back")
      }
    }
  }
}

/// An allocator of a few ranges, by itself.
final class RetireBench: @unchecked Sendable {
  let count: Int
  private let pagesEach: UInt64
  let allocator: RolloverAllocator

  init(count: Int = 2, pagesEach: UInt64 = 1) {
    self.count = count
    self.pagesEach = pagesEach
    let bytes = UInt64(count) * pagesEach << 12
    guard let aperture = IOVARange(first: IOVA(0), byteCount: bytes) else {
      preconditionFailure("no aperture")
    }
    allocator = RolloverAllocator(aperture: aperture, granule: .fourKiB, cpus: 2)
  }

  /// A range, or as many in sequence, or `nil` where none is free.
  func take(_ ranges: UInt64 = 1, on cpu: Int) -> IOVARange? {
    do throws(IOVAAllocationError) {
      let request = IOVARequest(pages: PageCount(ranges * pagesEach))
      return try allocator.allocate(request, on: CPUIndex(cpu))
    } catch {
      return nil
    }
  }

  func retire(_ page: IOVARange, on cpu: Int) {
    allocator.retire(page, at: Instant(nanoseconds: 1), on: CPUIndex(cpu))
  }
}
