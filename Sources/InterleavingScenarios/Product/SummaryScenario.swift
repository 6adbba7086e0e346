import IOMMU
import InterleavingExplorer

/// A range that is retired without a lock while others write down what its chunk has.
extension ProductScenarios {
  static let rolloverSummary = Scenario(
    "rollover-summary",
    "a range is retired while two processors look for a longer one in its chunk",
    checks: "what came back is known afterwards, and is found by who needs all of it"
  ) { execution in
    // Three chunks of four ranges each, all of which were looked at when the last was opened. What
    // the second has is not followed any more once all of it came back.
    let bench = RetireBench(count: 12, pagesEach: 64)
    var ranges = (0..<bench.count).compactMap { _ in bench.take(on: 0) }
    precondition(ranges.count == bench.count, "a new allocator has not enough")
    for index in 4..<8 { bench.retire(ranges[index], on: 0) }
    bench.allocator.endGlobalInvalidation(bench.allocator.beginGlobalInvalidation())
    ranges.replaceSubrange(4..<8, with: (4..<8).compactMap { _ in bench.take(on: 0) })
    precondition(ranges.count == bench.count, "what came back is not found")
    // One range of it is stale already, so that the next is retired without the lock.
    bench.retire(ranges[6], on: 0)
    execution.task("unmap") {
      bench.retire(ranges[7], on: 0)
    }
    for cpu in 0..<2 {
      execution.task("map \(cpu)") {
        if bench.take(2, on: cpu) != nil {
          execution.report("staleReuse", "pages were handed out without an invalidation")
        }
      }
    }
    execution.atEnd {
      bench.retire(ranges[8], on: 0)
      bench.allocator.endGlobalInvalidation(bench.allocator.beginGlobalInvalidation())
      // No list leads there: the run goes on in the third chunk.
      if bench.take(3, on: 0) == nil {
        execution.report("lost", "three ranges side by side are free, and were not found")
      }
    }
  }
}
