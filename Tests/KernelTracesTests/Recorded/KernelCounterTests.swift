import KernelTraces
import Testing

/// Against the kernels' own counters, which count pages and lose nothing; Traces/README.md has
/// them.
@Suite("The repository's traces against the kernels' counters")
struct KernelCounterTests {
  struct Counters: Sendable {
    var name: String
    var source: TraceSource
    var mapped: UInt64
    var unmapped: UInt64
    /// What the counters and README tell of RPCITs: global, map, unmap.
    var refreshes: (global: Int, map: Int, unmap: Int)
    /// Unmaps and unmaps' refreshes that probes have lost.
    var lostUnmaps: UInt64 = 0
    var lostUnmapRefreshes = 0
  }

  private static let table = [
    Counters(
      name: "linux-6.1-lazy-qd1-qd4-4k", source: .s390Probes, mapped: 12_036, unmapped: 12_012,
      refreshes: (0, 12_018, 0), lostUnmaps: 18),
    Counters(
      name: "linux-6.1-strict-qd1-qd4-4k", source: .s390Probes, mapped: 12_036, unmapped: 12_012,
      refreshes: (0, 12_018, 12_012), lostUnmaps: 8, lostUnmapRefreshes: 8),
    Counters(
      name: "linux-6.1-lazy-wrap-256m", source: .s390Probes, mapped: 80_036, unmapped: 80_012,
      refreshes: (1, 80_018, 0), lostUnmaps: 32),
    Counters(
      name: "linux-6.1-lazy-mixed", source: .s390Probes, mapped: 81_031, unmapped: 81_005,
      refreshes: (0, 4_020, 0)),
    Counters(
      name: "linux-6.12-fq-qd1-qd4-4k", source: .s390Tracepoints, mapped: 12_036,
      unmapped: 12_012, refreshes: (8, 12_018, 0)),
    Counters(
      name: "linux-6.12-strict-qd1-qd4-4k", source: .s390Tracepoints, mapped: 12_036,
      unmapped: 12_012, refreshes: (0, 12_018, 12_012), lostUnmapRefreshes: 3),
    Counters(
      name: "linux-6.12-fq-mixed", source: .s390Tracepoints, mapped: 81_029, unmapped: 81_005,
      refreshes: (3, 4_982, 0)),
  ]

  @Test("agree but for what probes lost", arguments: table)
  func agree(_ counters: Counters) async throws {
    let trace = try await withUnpacker {
      try await Traces.read(Traces.path("s390x/\(counters.name)"))
    }
    let summary = trace.summary
    #expect(trace.statistics.source == counters.source)
    #expect(summary.mappedPages == counters.mapped)
    #expect(summary.unmappedPages + counters.lostUnmaps == counters.unmapped)
    // What was lost shows as implied unmaps or, where the address was not used again, as live.
    #expect(
      summary.livePages + UInt64(summary.impliedUnmaps)
        == counters.mapped - counters.unmapped + counters.lostUnmaps)
    #expect(summary.globalInvalidations == counters.refreshes.global)
    #expect(summary.mapInvalidations == counters.refreshes.map)
    #expect(
      summary.unmapInvalidations + counters.lostUnmapRefreshes == counters.refreshes.unmap)
    #expect(
      summary.rangeInvalidations == summary.mapInvalidations + summary.unmapInvalidations)
    #expect(summary.addressLowest.map { $0 >= 0x1_0000_0000 } == true)
    // A global refresh covers the aperture, which is as large as the memory.
    if summary.globalInvalidations > 0 {
      let isSmall = counters.name.contains("256m")
      #expect(summary.apertureFirst == 0x1_0000_0000)
      #expect(summary.apertureLast == (isSmall ? 0x1_0fff_ffff : 0x1_3fff_ffff))
    }
    // Only the allocator that wrapped around has used an address twice without an unmap between.
    #expect((summary.impliedUnmaps > 0) == counters.name.contains("wrap"))
  }

  @Test("Intel's traces balance: what is mapped is unmapped, strict invalidates each time")
  func intel() async throws {
    let names = Traces.all.filter { $0.hasPrefix("x86-64") }
    for name in names {
      let trace = try await withUnpacker { try await Traces.read(Traces.path(name)) }
      let summary = trace.summary
      let pages = trace.statistics.source == .pages
      #expect(trace.statistics.source == (pages ? .pages : .pagesAndMappings))
      // The one without dma events stops while two buffers are mapped.
      #expect(summary.liveMappings == (pages ? 2 : 0))
      #expect(summary.unmaps == trace.statistics.events.unmapPages + summary.jointUnmaps)
      if name.contains("strict") && !pages {
        #expect(summary.unmapInvalidations == summary.unmaps)
        #expect(summary.globalInvalidations == 0)
      }
    }
  }
}
