import KernelTraces
import Testing

/// Against plain loops over the same operations, with sets of pages and sums of time steps.
@Suite("A trace's summary")
struct TraceSummaryTests {
  private static func summary(_ path: String) async throws -> TraceSummary {
    var summary = TraceSummary()
    try await TraceFile.read(path) { event, parser in summary.consume(event, from: parser) }
    summary.finish()
    return summary
  }

  private struct Plain {
    var sizes: [UInt64] = []
    var lifetimes: [UInt64] = []
    var mappingsMax = 0
    var pagesMax = 0
    var staleMax = 0
    var pageTime = 0.0
    var reused = 0
    var byProcessor: [Int: Int] = [:]

    init(_ work: RecordedWork, end: UInt64) {
      var live: [UInt64: (time: UInt64, pages: Set<UInt64>)] = [:]
      var stale: Set<UInt64> = []
      var used: Set<UInt64> = []
      var pages = 0
      var time: UInt64 = 0
      for operation in work.operations {
        pageTime += Double(pages) * Double(operation.time - time)
        time = operation.time
        switch operation.kind {
        case .map(let map):
          let mapped = Set(
            work.segments(of: map).flatMap { ($0.first >> 12)...($0.last >> 12) })
          live[map.mapping] = (time, mapped)
          sizes.append(UInt64(mapped.count))
          reused += mapped.intersection(used).count
          used.formUnion(mapped)
          pages += mapped.count
          byProcessor[operation.cpu, default: 0] += 1
        case .unmap(let mapping, let cause):
          guard let ended = live.removeValue(forKey: mapping) else { continue }
          if cause == .recorded { lifetimes.append(time - ended.time) }
          stale.formUnion(ended.pages)
          pages -= ended.pages.count
        case .invalidate(let invalidation):
          if invalidation.scope == .global {
            stale.removeAll()
          } else {
            stale.subtract((invalidation.first >> 12)...(invalidation.last >> 12))
          }
        case .unmapPart, .mark: break
        }
        mappingsMax = max(mappingsMax, live.count)
        pagesMax = max(pagesMax, pages)
        staleMax = max(staleMax, stale.count)
      }
      pageTime += Double(pages) * Double(end - time)
    }
  }

  @Test("is what plain loops find in the recordings", arguments: Traces.small)
  func recordings(_ name: String) async throws {
    let path = Traces.path(name)
    let trace = try await withUnpacker { try await Traces.read(path) }
    let summary = try await Self.summary(path)
    let plain = Plain(trace.work, end: trace.summary.timeLast)
    #expect(summary.reconciliation == trace.summary)
    let sizes = plain.sizes.sorted()
    #expect(summary.sizes.count == UInt64(sizes.count))
    #expect(summary.sizes.percentiles([1_000]).first == sizes.last)
    #expect(summary.sizes.mean == Double(sizes.reduce(0, +)) / Double(sizes.count))
    let lifetimes = plain.lifetimes.sorted()
    #expect(summary.lifetimes.count == UInt64(lifetimes.count))
    #expect(summary.lifetimes.percentiles([500]).first == lifetimes[(lifetimes.count + 1) / 2 - 1])
    #expect(summary.mappingsInFlight.maximum == UInt64(plain.mappingsMax))
    #expect(summary.pagesInFlight.maximum == UInt64(plain.pagesMax))
    #expect(summary.pagesInFlight.maximum == trace.summary.livePagesMax)
    #expect(summary.stalePages.maximum == UInt64(plain.staleMax))
    let duration = trace.summary.durationNanoseconds
    let mean = try #require(summary.pagesInFlight.mean(over: duration))
    #expect(abs(mean - plain.pageTime / Double(duration)) < 1e-6 * max(1, mean))
    #expect(summary.deviceReuse.pageDistances.count == UInt64(plain.reused))
    #expect(summary.processors.map(\.cpu) == plain.byProcessor.keys.sorted())
  }

  @Test("tells the distances of a few pages, for the device and in memory")
  func distances() throws {
    func map(_ page: Int, _ physical: Int) -> String {
      let first = "0x\(String(page << 12, radix: 16))"
      let end = "0x\(String((page + 1) << 12, radix: 16))"
      return "map: IOMMU: iova=\(first) - \(end) paddr=0x\(String(physical << 12, radix: 16)) "
        + "size=4096"
    }
    func unmap(_ page: Int) -> String {
      let first = "0x\(String(page << 12, radix: 16))"
      let end = "0x\(String((page + 1) << 12, radix: 16))"
      return "unmap: IOMMU: iova=\(first) - \(end) size=4096 unmapped_size=4096"
    }
    let lines = [
      map(1, 7), unmap(1), map(3, 7), unmap(3), map(5, 9), unmap(5), map(1, 9), unmap(1),
      map(5, 7), unmap(5),
    ]
    var parser = TraceParser(file: "text")
    parser.append(Lines.ftrace(lines))
    parser.finish()
    var summary = TraceSummary()
    while let event = try parser.next() { summary.consume(event, from: parser) }
    summary.finish()
    #expect(summary.deviceReuse.pageDistances.sorted.map(\.value) == [1, 2])
    #expect(summary.deviceReuse.firstUses == 3)
    #expect(summary.memoryReuse.pageDistances.sorted.map(\.value) == [0, 1])
    #expect(summary.memoryReuse.pageDistances.count == 3)
    #expect(summary.deviceReuse.mappingDistances.sorted.map(\.value) == [1, 2])
    #expect(summary.mappingsInFlight.maximum == 1)
    // The three pages that the device knew were never invalidated.
    #expect(summary.stalePages.maximum == 3)
  }
}
