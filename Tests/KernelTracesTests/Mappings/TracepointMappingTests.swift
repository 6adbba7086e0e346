import KernelTraces
import Testing

@Suite("Mappings told by tracepoints")
struct TracepointMappingTests {
  private func map(_ first: UInt64, _ pages: UInt64 = 1, physical: UInt64 = 0x9000_0000) -> String {
    let end = first + pages * 4096
    return
      "map: IOMMU: iova=\(hex(first)) - \(hex(end)) paddr=\(hex(physical)) size=\(pages * 4096)"
  }

  private func unmap(_ first: UInt64, _ pages: UInt64 = 1) -> String {
    let size = pages * 4096
    return
      "unmap: IOMMU: iova=\(hex(first)) - \(hex(first + size)) size=\(size) unmapped_size=\(size)"
  }

  private func refresh(_ first: UInt64, _ pages: UInt64 = 1) -> String {
    "refresh: (r+0x0/0x1) fh=0x1 addr=\(hex(first)) range=\(hex(pages * 4096))"
  }

  private func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }

  private func maps(_ trace: RecordedTrace) -> [RecordedMap] {
    trace.work.operations.compactMap { operation in
      if case .map(let map) = operation.kind { map } else { nil }
    }
  }

  @Test("lines before one refresh of them all make one mapping, joined where memory is contiguous")
  func refreshEndsGroup() throws {
    let trace = try Traces.read(
      text: Lines.ftrace([
        map(0x1000, 1, physical: 0x50_0000), map(0x2000, 2, physical: 0x70_0000),
        map(0x4000, 1, physical: 0x70_2000), refresh(0x1000, 4), map(0x5000), refresh(0x5000),
        unmap(0x1000, 4), unmap(0x5000),
      ]))
    #expect(maps(trace).map(\.pageCount) == [4, 1])
    let first = try #require(maps(trace).first)
    #expect(
      Array(trace.work.segments(of: first)) == [
        RecordedSegment(first: 0x1000, last: 0x1fff, physical: .address(0x50_0000)),
        RecordedSegment(first: 0x2000, last: 0x4fff, physical: .address(0x70_0000)),
      ])
    #expect(first.isContiguous)
    #expect(trace.summary.unmaps == 2)
    #expect(trace.summary.jointUnmaps == 0)
    #expect(trace.summary.mapInvalidations == 2)
  }

  @Test("an unmap by an interrupt does not end a group, its own refresh is told apart")
  func interruptedGroup() throws {
    let trace = try Traces.read(
      text: Lines.ftrace([
        map(0x9000), refresh(0x9000), map(0x1000), unmap(0x9000), refresh(0x9000), map(0x2000),
        refresh(0x1000, 2),
      ]))
    #expect(maps(trace).map(\.pageCount) == [1, 2])
    #expect(trace.summary.unmapInvalidations == 1)
    #expect(trace.summary.mapInvalidations == 2)
  }

  @Test("dma_map_page and dma_map_sg end a mapping and tell its direction")
  func dmaEndsGroup() throws {
    let sg =
      "dma_map_sg: d dir=FROM_DEVICE nents=2/2 ents=1/1 dma_addrs={0x1000} sizes={0x2000} "
      + "phys_addrs={0x1,0x2} attrs="
    let trace = try Traces.read(
      text: Lines.ftrace([
        map(0x1000), map(0x2000), sg, map(0x3000),
        "dma_map_page: d dir=TO_DEVICE dma_addr=3000 size=512 phys_addr=7 attrs=",
        unmap(0x3000), "dma_unmap_page: d dir=TO_DEVICE dma_addr=3000 size=512 attrs=",
        "dma_unmap_sg: d dir=FROM_DEVICE phys_addrs={0x1,0x2} attrs=", unmap(0x1000, 2),
      ]))
    #expect(maps(trace).map(\.pageCount) == [2, 1])
    #expect(maps(trace).map(\.direction) == [.fromDevice, .toDevice])
    #expect(maps(trace).map(\.isScatterGather) == [true, false])
    #expect(trace.summary.unmaps == 2)
    #expect(trace.summary.unknownUnmaps == 0)
  }

  @Test("without marks of an end, a long pause or an unmap divides lines")
  func gap() throws {
    let text =
      Lines.ftrace(map(0x1000), at: 0) + Lines.ftrace(map(0x2000), at: 5)
      + Lines.ftrace(map(0x3000), at: 900) + Lines.ftrace(unmap(0x3000), at: 950)
      + Lines.ftrace(map(0x4000), at: 960)
    let trace = try Traces.read(text: text)
    #expect(maps(trace).map(\.pageCount) == [2, 1, 1])
  }

  @Test("a mapping ends with its last part, and one unmap can end several")
  func partialAndJoint() throws {
    let partial = try Traces.read(
      text: Lines.ftrace([map(0x1000, 4), unmap(0x2000), unmap(0x1000), unmap(0x3000, 2)]))
    #expect(partial.summary.partialUnmaps == 2)
    #expect(partial.summary.unmaps == 1)
    #expect(partial.summary.unmappedPages == 4)
    guard case .unmapPart(0, 0x2000, 0x2fff) = partial.work.operations[1].kind else {
      Issue.record("\(partial.work.operations)")
      return
    }
    let joint = try Traces.read(
      text: Lines.ftrace([
        map(0x1000), refresh(0x1000), map(0x2000), refresh(0x2000), unmap(0x1000, 2),
      ]))
    #expect(joint.summary.jointUnmaps == 1)
    #expect(joint.summary.unmaps == 2)
  }

  @Test("a line that overlaps a live mapping implies its end")
  func overlap() throws {
    let trace = try Traces.read(
      text: Lines.ftrace([map(0x1000, 4), unmap(0x8000), map(0x2000), refresh(0x2000)]))
    #expect(trace.summary.impliedUnmaps == 1)
    #expect(trace.summary.unknownUnmaps == 1)
    #expect(trace.summary.livePages == 1)
    expectConsistent(trace.work)
  }

  @Test("dma events alone make mappings, and a list is found by its first physical address")
  func dmaAlone() throws {
    let trace = try Traces.read(
      text: Lines.ftrace([
        Lines.dmaMap, Lines.dmaMapList, Lines.dmaAlloc,
        "dma_unmap_page: 0000:00:04.0 dir=TO_DEVICE dma_addr=fff68000 size=4096 attrs=",
        "dma_unmap_sg: 0000:00:04.0 dir=FROM_DEVICE phys_addrs={0x368a000,0x365a000} attrs=",
        "dma_free: 0000:00:04.0 dma_addr=ffff0000 size=8192 virt_addr=1 attrs=",
        "dma_unmap_page: 0000:00:04.0 dir=TO_DEVICE dma_addr=1000 size=4096 attrs=",
      ]))
    #expect(trace.summary.maps == 3)
    #expect(trace.summary.mappedPages == 6)
    #expect(trace.summary.unmaps == 3)
    #expect(trace.summary.liveMappings == 0)
    #expect(trace.summary.unknownUnmaps == 1)
    #expect(trace.summary.scatterGatherMaps == 1)
  }

  @Test("Intel's invalidations count for the unit's cache only")
  func intel() throws {
    let trace = try Traces.read(
      text: Lines.ftrace([
        map(0xfffb_c000), unmap(0xfffb_c000), Lines.flushRange, Lines.flushRangeNewer,
        Lines.flushAll,
      ]))
    #expect(trace.summary.unmapInvalidations == 1)
    #expect(trace.summary.rangeInvalidations == 1)
    #expect(trace.summary.globalInvalidations == 1)
  }

  @Test("marks stay in their place")
  func marks() throws {
    let trace = try Traces.read(
      text: Lines.ftrace([map(0x1000), Lines.mark, refresh(0x1000), "tracing_mark_write: end"]))
    #expect(trace.work.marks == ["mark 3:1:60:4:0:4000", "end"])
    guard case .map = trace.work.operations[0].kind, case .mark(0) = trace.work.operations[1].kind
    else {
      Issue.record("\(trace.work.operations)")
      return
    }
  }

  @Test("a consumer that drains sees the same operations")
  func drained() throws {
    let text = Lines.ftrace([
      map(0x1000), map(0x2000), refresh(0x1000, 2), Lines.mark, unmap(0x1000, 2), map(0x1000),
    ])
    let whole = try Traces.read(text: text)
    var parser = TraceParser(file: "text")
    parser.append(text)
    parser.finish()
    var mappings = RecordedMappings()
    var work = RecordedWork()
    var seen: [String] = []
    func drain() {
      for operation in work.operations {
        if case .map(let map) = operation.kind {
          seen.append("\(operation.time) \(Array(work.segments(of: map)))")
        } else {
          seen.append("\(operation.time) \(work.marks)")
        }
      }
      work.removeAll()
    }
    while let event = try parser.next() {
      mappings.consume(event, from: parser, into: &work)
      drain()
    }
    mappings.finish(into: &work)
    drain()
    #expect(seen.count == whole.work.operations.count)
    #expect(mappings.summary == whole.summary)
  }
}
