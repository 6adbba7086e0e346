import IOMMU
import KernelTraces
import Testing

/// What real kernels did, repeated: the figures are those of Traces/README.md, and of the kernels'
/// counters there.
@Suite("Verification of the repository's traces")
struct RecordedVerificationTests {
  struct Expected: Sendable, CustomTestStringConvertible {
    var name: String
    var kernel: KernelModel
    var policy: InvalidationPolicy
    var mapped: UInt64
    var unmapped: UInt64
    var allocations: Int
    var unmaps: Int
    var globals = 0
    var lostUnmaps = 0
    var lostRefreshes = 0
    var divergences = 0

    var testDescription: String { name }
  }

  private static let queue = InvalidationPolicy.singleQueue(
    entries: 32_768, timeout: .milliseconds(1_000))

  private static let table = [
    Expected(
      name: "linux-6.1-lazy-mixed", kernel: .linux6_1s390, policy: .legacy, mapped: 81_031,
      unmapped: 81_005, allocations: 4_020, unmaps: 0),
    Expected(
      name: "linux-6.1-lazy-qd1-qd4-4k", kernel: .linux6_1s390, policy: .legacy, mapped: 12_036,
      unmapped: 12_012, allocations: 12_018, unmaps: 0, lostUnmaps: 18),
    Expected(
      name: "linux-6.1-strict-qd1-qd4-4k", kernel: .linux6_1s390, policy: .legacyStrict,
      mapped: 12_036, unmapped: 12_012, allocations: 12_018, unmaps: 12_012, lostUnmaps: 8),
    Expected(
      name: "linux-6.12-strict-qd1-qd4-4k", kernel: .linux6_12s390, policy: .strict,
      mapped: 12_036, unmapped: 12_012, allocations: 12_018, unmaps: 12_012, lostRefreshes: 3),
    Expected(
      name: "linux-6.12-fq-qd1-qd4-4k", kernel: .linux6_12s390, policy: queue, mapped: 12_036,
      unmapped: 12_012, allocations: 12_018, unmaps: 0, globals: 8, divergences: 2),
    Expected(
      name: "linux-6.12-fq-mixed", kernel: .linux6_12s390, policy: queue, mapped: 81_029,
      unmapped: 81_005, allocations: 4_982, unmaps: 0, globals: 3),
    // The largest, 42 MB of text.
    Expected(
      name: "linux-6.1-lazy-wrap-256m", kernel: .linux6_1s390, policy: .legacy, mapped: 80_036,
      unmapped: 80_012, allocations: 80_018, unmaps: 0, globals: 1, lostUnmaps: 32),
  ]

  private static func verified(_ path: String) async throws -> VerificationReport {
    var kernel = RecordedKernel()
    let statistics = try await withUnpacker {
      try await TraceFile.read(path) { event, parser in kernel.consume(event, from: parser) }
    }
    return kernel.verify(statistics)
  }

  @Test("repeats each s390x kernel, and comes to its counters", arguments: table)
  func s390x(_ expected: Expected) async throws {
    let report = try await Self.verified(Traces.path("s390x/\(expected.name)"))
    #expect(report.holds)
    #expect(report.kernel == expected.kernel)
    #expect(report.policy == expected.policy)
    #expect(report.knowsStart && report.cpus == 1)
    #expect(report.iova.compared == expected.allocations)
    #expect(report.iova.unpredictable == 0)
    #expect(report.iova.divergences <= expected.divergences)
    #expect(report.iova.divergences == report.iova.reclaim)

    let refreshes = expected.allocations + expected.unmaps
    // A strict unmap that is lost is lost with its refresh.
    let lostWith = expected.unmaps > 0 ? expected.lostUnmaps : 0
    #expect(report.range.modelled + lostWith == refreshes)
    #expect(report.range.equal == report.range.recorded)
    #expect(report.range.recorded + report.lost.refreshes + lostWith == refreshes)
    #expect(report.global.recorded == expected.globals)
    #expect(report.global.modelled == expected.globals)
    #expect(report.global.worstOffset <= 100_000_000)

    #expect(report.lost.unmapsByAddress + report.lost.unmapsByBuffer == expected.lostUnmaps)
    #expect(report.lost.refreshes == expected.lostRefreshes)
    #expect(report.lost.total == expected.lostUnmaps + expected.lostRefreshes)
    #expect(report.lost.unexplained == 0)

    #expect(report.counters.mapped == expected.mapped)
    #expect(report.counters.unmapped == expected.unmapped)
    #expect(report.counters.mapRefreshes == UInt64(expected.allocations))
    #expect(report.counters.unmapRefreshes == UInt64(expected.unmaps))
    #expect(report.counters.globalRefreshes == UInt64(expected.globals))
  }

  @Test("compares of Intel's traces what can be, without a difference")
  func intel() async throws {
    for name in Traces.all where name.hasPrefix("x86-64") {
      let report = try await Self.verified(Traces.path(name))
      #expect(report.holds, "\(name)")
      #expect(report.kernel == (name.contains("6.1.0") ? .linux6_1 : .linux6_12))
      #expect((report.policy == .strict) == name.contains("strict"))
      #expect(report.cpus == 2 && !report.knowsStart)
      #expect(report.iova.divergences == 0)
      #expect(report.iova.compared > 4 * report.iova.unpredictable)
      #expect(report.iova.compared + report.iova.unpredictable > 900)
      #expect(report.range.equal == report.range.recorded)
      #expect(report.global.modelled == report.global.recorded)
      #expect((report.global.timer > 10) == name.contains("lazy"))
      #expect(report.lost.total + report.lost.unexplained == 0)
    }
  }
}
