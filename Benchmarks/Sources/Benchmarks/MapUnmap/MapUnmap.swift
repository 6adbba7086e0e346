import Benchmark
import Patterns

/// Times of map and unmap, pattern by pattern and policy by policy, in thousands of pairs; and what
/// these took from the heap, which this package's own counts do not see.
let benchmarks: @Sendable () -> Void = {
  let heap = BenchmarkMetric.custom("Heap allocations")
  let selection: Selection
  do throws(Selection.UnknownName) {
    selection = try Selection(
      patterns: "depth-1,fifo-128,random-128,random-128-64GiB,powers,any-size,scatter-32",
      policies: BenchPolicy.all.map(\.name).joined(separator: ","), subjects: nil, pairs: 1_000)
  } catch {
    fatalError("\(error)")
  }
  for measurement in selection.measurements {
    Benchmark(
      "\(measurement.subject.rawValue) \(measurement.pattern.name) \(measurement.policy.name)",
      configuration: .init(
        metrics: [.wallClock, .throughput, heap], scalingFactor: .kilo,
        maxDuration: .milliseconds(200), maxIterations: 100)
    ) { benchmark in
      let pairs = PairRun(measurement)
      // What is made for the first time does not count.
      pairs.run(1_000)
      let before = Counting.heapCalls
      benchmark.startMeasurement()
      pairs.run(benchmark.scaledIterations.count)
      benchmark.stopMeasurement()
      benchmark.measurement(heap, Int(clamping: Counting.heapCalls - before))
    }
  }
}
