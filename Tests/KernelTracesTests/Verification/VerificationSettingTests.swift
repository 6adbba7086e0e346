import IOMMU
import KernelTraces
import Testing

@Suite("What a verification assumes of a kernel")
struct VerificationSettingTests {
  private static let base: UInt64 = 1 << 20
  private typealias Line = SyntheticLines

  private static let strictProbes = (0..<20 as Range<UInt64>).flatMap { page in
    [
      Line.mapCall(page, 1), Line.refresh(base + page, 1), Line.mapReturn(base + page),
      Line.unmapCall(base + page, 1), Line.refresh(base + page, 1),
    ]
  }
  private static let lazyProbes = (0..<20 as Range<UInt64>).flatMap { page in
    [
      Line.mapCall(page, 1), Line.refresh(base + page, 1), Line.mapReturn(base + page),
      Line.unmapCall(base + page, 1),
    ]
  }

  @Test("kernel and policy come from the kinds of lines")
  func recognised() throws {
    let lazy = try verified(Lines.ftrace(Self.lazyProbes))
    #expect(lazy.kernel == .linux6_1s390 && lazy.policy == .legacy)
    let strict = try verified(Lines.ftrace(Self.strictProbes))
    #expect(strict.kernel == .linux6_1s390 && strict.policy == .legacyStrict)
    let top = Self.base + 255
    let tree = [Line.mapPages(top, 1, buffer: 1), Line.refresh(top, 1), Line.unmapPages(top, 1)]
    let single = try verified(Lines.ftrace(tree))
    #expect(single.kernel == .linux6_12s390)
    #expect(single.policy == .singleQueue(entries: 32_768, timeout: .milliseconds(1_000)))
    let strictTree = try verified(Lines.ftrace(tree + [Line.refresh(top, 1)]))
    #expect(strictTree.kernel == .linux6_12s390 && strictTree.policy == .strict)
    // Without refreshes: strict if addresses come back before any queue could be flushed.
    let pages = [tree[0], tree[2], tree[0], tree[2], tree[0], tree[2]]
    let elsewhere = try verified(Lines.ftrace(pages))
    #expect(elsewhere.kernel == .linux6_1 && elsewhere.policy == .strict)
    let newer = try verified(Lines.ftrace([Lines.dmaMap, Lines.mapPages, Lines.dmaUnmap]))
    #expect(newer.kernel == .linux6_12)
    #expect(newer.policy == .queue(entries: 256, timeout: .milliseconds(10)))
  }

  @Test("what the caller says comes before what the trace seems to say")
  func overrides() throws {
    var overrides = RecordedKernel.Overrides()
    overrides.kernel = .linux6_12s390
    overrides.policy = .legacyStrict
    overrides.hertz = 77
    overrides.aperture = IOVARange(first: IOVA(1 << 32), byteCount: 1 << 24)
    let report = try verified(Lines.ftrace(Self.lazyProbes), overrides)
    #expect(report.kernel == .linux6_12s390)
    #expect(report.policy == .legacyStrict)
    #expect(report.isApertureKnown)
    #expect(report.aperture == PageRun(first: 1 << 20, pages: 4_096))
    #expect(!report.holds)
  }

  @Test("an aperture is whole MiB around the addresses, or what a refresh of everything names")
  func aperture() throws {
    let inferred = try verified(Lines.ftrace(Self.lazyProbes))
    #expect(!inferred.isApertureKnown)
    #expect(inferred.aperture == PageRun(first: Self.base, pages: 256))
    let named = try verified(
      Lines.ftrace(Self.lazyProbes + [Line.mapCall(1, 1), Line.refresh(Self.base, 512)]))
    #expect(named.isApertureKnown)
    #expect(named.aperture == PageRun(first: Self.base, pages: 512))
  }

  @Test("a trace of nothing, or of addresses outside the aperture, does not trap")
  func nothing() throws {
    #expect(try verified(Lines.ftrace([Lines.mark])).maps == 0)
    let far = [Line.mapPages(Self.base + 5_000, 1, buffer: 1), Line.refresh(Self.base + 5_000, 1)]
    for kernel in KernelModel.allCases {
      for policy in [
        .legacy, .legacyStrict, .strict, .queue(entries: 2, timeout: .milliseconds(1)),
      ] as [InvalidationPolicy] {
        var overrides = RecordedKernel.Overrides()
        overrides.kernel = kernel
        overrides.policy = policy
        overrides.aperture = IOVARange(first: IOVA(1 << 32), byteCount: 8_192)
        #expect(try !verified(Lines.ftrace(far), overrides).holds)
        #expect(try verified(Lines.ftrace(Self.lazyProbes), overrides).maps == 20)
      }
    }
  }

  @Test("addresses, lengths, processors and times without measure do not trap")
  func extremes() throws {
    let huge: [UInt64] = [0, 1, 1 << 20, 1 << 40, (1 << 52) - 9, (1 << 52) - 2]
    var bodies: [String] = []
    for first in huge {
      for pages in [1, 3, 40, 1 << 30, (1 << 52) - 1] as [UInt64] where first + pages < 1 << 52 {
        bodies += [
          Line.mapCall(first, pages), Line.refresh(first, pages), Line.mapReturn(first),
          Line.unmapCall(first, pages),
        ]
      }
    }
    _ = try verified(Lines.ftrace(bodies + bodies))
    let pages = bodies.indices.filter { $0 % 4 != 2 }.map { index in
      huge.map { Line.mapPages($0, 1, buffer: 1) }[index % huge.count]
    }
    _ = try verified(Lines.ftrace(pages))
    let times = ["0.000001", "9999999999.999999", "9999999999.999999", "0.000002", "9.0"]
    let odd = zip(times, Self.lazyProbes).enumerated().map { number, line in
      "  a-\(number)  [\(number * 16_000)] .....  \(line.0): \(line.1)\n"
    }
    _ = try verified("# entries-in-buffer/entries-written: 1/1   #P:9999999\n" + odd.joined())
  }

  @Test("where no address could be compared, nothing holds")
  func vacuous() throws {
    let text = Lines.ftrace(Self.strictProbes)
    var overrides = RecordedKernel.Overrides()
    overrides.kernel = .linux6_12
    let report = try verified(text, overrides)
    #expect(report.iova.compared == 0 || !report.holds)
    if report.iova.compared == 0 { #expect(!report.holds) }
  }
}
