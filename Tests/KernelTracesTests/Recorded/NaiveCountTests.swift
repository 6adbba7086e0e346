import KernelTraces
import Testing

@Suite("The repository's traces, line by line")
struct NaiveCountTests {
  @Test("hold as many events of each name as splitting their text says", arguments: Traces.small)
  func counts(_ name: String) async throws {
    let statistics = try await withUnpacker {
      try await TraceFile.read(Traces.path(name)) { _, _ in }
    }
    var naive: [String: Int] = [:]
    let text = try unpackedText(Traces.path(name))
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split(separator: " ")
      // Task, processor, flags, time, event.
      let probe = words[5].hasPrefix("(") ? "probe " : ""
      naive[probe + words[4], default: 0] += 1
    }
    let events = statistics.events
    #expect(events.mapPages == naive["map:", default: 0])
    #expect(events.unmapPages == naive["unmap:", default: 0])
    #expect(events.mapCalls == naive["probe map:", default: 0])
    #expect(events.mapReturns == naive["probe mapret:", default: 0])
    #expect(events.unmapCalls == naive["probe unmap:", default: 0])
    #expect(events.mapScatterGatherCalls == naive["probe mapsg:", default: 0])
    #expect(events.unmapScatterGatherCalls == naive["probe unmapsg:", default: 0])
    #expect(events.refreshes == naive["probe refresh:", default: 0])
    #expect(
      events.dmaMaps == naive["dma_map_page:", default: 0] + naive["dma_map_phys:", default: 0])
    #expect(
      events.dmaUnmaps == naive["dma_unmap_page:", default: 0]
        + naive["dma_unmap_phys:", default: 0])
    #expect(events.dmaMapScatterGathers == naive["dma_map_sg:", default: 0])
    #expect(events.dmaUnmapScatterGathers == naive["dma_unmap_sg:", default: 0])
    #expect(
      events.intelFlushes
        == naive["cache_tag_flush_range:", default: 0] + naive["cache_tag_flush_all:", default: 0])
    #expect(events.intelSubmissions == naive["qi_submit:", default: 0])
    #expect(events.marks == naive["tracing_mark_write:", default: 0])
    #expect(events.total == naive.values.reduce(0, +))
  }

  @Test("are whole: every line is understood, and nothing was overwritten", arguments: Traces.all)
  func whole(_ name: String) async throws {
    let trace = try await withUnpacker { try await Traces.read(Traces.path(name)) }
    let statistics = trace.statistics
    #expect(statistics.events.others == 0)
    #expect(statistics.foreignLines == 0)
    #expect(statistics.lines == statistics.events.total + 12, "twelve lines of header")
    #expect(statistics.entriesInBuffer == UInt64(statistics.events.total))
    #expect(statistics.overwrittenEvents == 0)
    #expect(statistics.lostEvents == 0)
    #expect(statistics.processors == (name.hasPrefix("s390x") ? 1 : 2))
    #expect(statistics.format == .ftrace)
    expectConsistent(trace.work)
    #expect(trace.summary.nonsense == 0)
    #expect(trace.summary.timeReversals == 0)
    #expect(trace.summary.partialUnmaps == 0)
    #expect(trace.summary.unknownUnmaps == 0)
    #expect(trace.summary.lostMaps + trace.summary.lostReturns == 0)
  }
}
