import IOMMU
import KernelTraces
import Testing

@Suite("Verification of traces written by the project's own schemes")
struct SyntheticTraceTests {
  @Test(
    "finds nothing that differs, and counts as the driver did",
    arguments: SyntheticKernel.Policy.allCases, [1, 2, 3] as [UInt64])
  func equal(_ policy: SyntheticKernel.Policy, _ seed: UInt64) throws {
    let kernel = SyntheticKernel.run(policy, operations: 900, seed: seed)
    let report = try verified(kernel.lines.text, kernel.overrides)
    #expect(report.holds)
    #expect(report.differences.isEmpty)
    #expect(report.lost.total + report.lost.unexplained == 0)
    #expect(report.iova.compared == kernel.allocations)
    #expect(report.iova.divergences + report.iova.reordered + report.iova.unpredictable == 0)
    #expect(report.counters.mapped == kernel.mapped)
    #expect(report.counters.unmapped == kernel.unmapped)
    let lines = kernel.lines
    #expect(
      report.range.recorded == lines.indices(of: .mapRefresh, .listRefresh, .unmapRefresh).count)
    #expect(report.range.equal == report.range.recorded)
    #expect(report.range.modelled == report.range.recorded)
    let globals = lines.indices(of: .globalRefresh).count
    #expect(report.global.recorded == globals)
    #expect(report.global.modelled == globals)
    #expect(report.global.exhaustion + report.global.queueFull + report.global.timer == globals)
    #expect(report.kernel == (kernel.usesProbes ? .linux6_1s390 : .linux6_12s390))
    switch policy {
    case .lazyBitmap:
      #expect(report.policy == .legacy)
      #expect(report.global.exhaustion > 1)
    case .strictBitmap: #expect(report.policy == .legacyStrict)
    case .strictTree: #expect(report.policy == .strict)
    case .queueTree:
      #expect(report.global.timer > 1 && report.global.queueFull > 1)
      #expect(report.global.hertz == 100)
      // The middle of a level's 80 ms is the first guess; then the phase is known.
      #expect(report.global.worstOffset <= 50_000_000)
    }
  }

  @Test("without its overrides recognises a flush queue, whatever its size")
  func recognised() throws {
    let kernel = SyntheticKernel.run(.queueTree, operations: 400, seed: 5)
    let report = try verified(kernel.lines.text)
    #expect(report.policy == .singleQueue(entries: 32_768, timeout: .milliseconds(1_000)))
    #expect(report.iova.compared > 0)
  }

  @Test(
    "under another policy than the recorded one says that they differ",
    arguments: [
      (.lazyBitmap, .legacyStrict), (.strictBitmap, .legacy), (.strictTree, .legacyStrict),
      (.strictTree, .queue(entries: 64, timeout: .milliseconds(10))), (.queueTree, .strict),
      (.queueTree, .legacy), (.queueTree, .singleQueue(entries: 32, timeout: .milliseconds(1_000))),
      (.queueTree, .singleQueue(entries: 64, timeout: .milliseconds(100))),
    ] as [(SyntheticKernel.Policy, InvalidationPolicy)])
  func otherPolicy(_ recorded: SyntheticKernel.Policy, _ other: InvalidationPolicy) throws {
    let kernel = SyntheticKernel.run(recorded, operations: 700, seed: 4)
    let report = try verified(kernel.lines.text, .policy(other))
    #expect(!report.holds)
  }
}

extension SyntheticKernel {
  /// What the trace does not tell: the queue's size.
  var overrides: RecordedKernel.Overrides {
    if policy != .queueTree { return RecordedKernel.Overrides() }
    return .policy(.singleQueue(entries: Self.queueEntries, timeout: .milliseconds(1_000)))
  }

  /// Runs that were handed out.
  var allocations: Int { lines.indices(of: .mapRefresh, .listRefresh).count }
}
