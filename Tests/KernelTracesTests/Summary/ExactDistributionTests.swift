import KernelTraces
import TestSupport
import Testing

@Suite("Exact distributions")
struct ExactDistributionTests {
  @Test(
    "have the percentiles of a sorted list, by nearest rank", arguments: [1, 2, 10, 999, 1_000])
  func percentiles(_ count: Int) {
    var random = SplitMix64(seed: UInt64(count))
    let values = (0..<count).map { _ in UInt64.random(in: 0...300, using: &random) }
    var distribution = ExactDistribution()
    for value in values { distribution.add(value) }
    let sorted = values.sorted()
    let perMilles: [UInt64] = [0, 1, 500, 900, 990, 999, 1_000]
    let expected = perMilles.map { sorted[max(1, (count * Int($0) + 999) / 1_000) - 1] }
    #expect(distribution.percentiles(perMilles) == expected)
    #expect(distribution.minimum == sorted.first)
    #expect(distribution.maximum == sorted.last)
    #expect(distribution.mean == Double(values.reduce(0, +)) / Double(count))
  }

  @Test("have nothing to tell where they are empty")
  func empty() {
    let none = ExactDistribution()
    #expect(none.percentiles([500]).isEmpty && none.mean == nil && none.minimum == nil)
    #expect(none.powerOfTwoBins.isEmpty)
  }

  @Test("put each value into the one bin of its power of two")
  func bins() {
    var distribution = ExactDistribution()
    let values: [UInt64] = [0, 1, 2, 3, 4, 5, 8, 9, 1 << 63, 1 << 63 + 1, .max]
    for value in values { distribution.add(value, times: 2) }
    let bins = distribution.powerOfTwoBins
    let firsts: [UInt64] = [0, 1, 2, 3, 5, 9, 1 << 62 + 1, 1 << 63 + 1]
    let lasts: [UInt64] = [0, 1, 2, 4, 8, 16, 1 << 63, .max]
    #expect(bins.map(\.first) == firsts)
    #expect(bins.map(\.last) == lasts)
    #expect(bins.map(\.count) == [2, 2, 2, 4, 4, 2, 2, 4])
  }
}
