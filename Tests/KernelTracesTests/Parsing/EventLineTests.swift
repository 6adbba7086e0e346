import KernelTraces
import Testing

@Suite("Each kind of event line")
struct EventLineTests {
  private func kind(_ body: String, _ parser: inout TraceParser) throws -> TraceEvent.Kind {
    try #require(try Lines.events(Lines.ftrace(body), &parser).first).kind
  }

  private func kind(_ body: String) throws -> TraceEvent.Kind {
    var parser = TraceParser(file: "text")
    return try kind(body, &parser)
  }

  @Test("iommu:map gives an inclusive last byte")
  func mapPages() throws {
    guard case .mapPages(let map) = try kind(Lines.mapPages) else { return unexpected() }
    #expect(map.first == 0x1_3fff_f000)
    #expect(map.last == 0x1_3fff_ffff)
    #expect(map.physical == 0x6cf_6000)
    #expect(map.byteCount == 4096)
  }

  @Test("a range may end at the top of the space")
  func topOfSpace() throws {
    let body = "map: IOMMU: iova=0xfffffffffffff000 - 0x0 paddr=0x1000 size=4096"
    guard case .mapPages(let map) = try kind(body) else { return unexpected() }
    #expect(map.last == .max)
  }

  @Test("iommu:unmap")
  func unmapPages() throws {
    guard case .unmapPages(let unmap) = try kind(Lines.unmapPages) else { return unexpected() }
    #expect(unmap.first == 0x1_3fff_d000)
    #expect(unmap.last == 0x1_3fff_dfff)
    #expect(unmap.byteCount == 4096)
    #expect(unmap.unmappedByteCount == 4096)
  }

  @Test("probes map, mapret, unmap")
  func calls() throws {
    guard case .mapCall(let call) = try kind(Lines.mapCall) else { return unexpected() }
    #expect(call.page == 0x372_0009_fd40)
    #expect(call.offset == 0x10)
    #expect(call.byteCount == 0x1000)
    #expect(call.direction == .fromDevice)
    guard case .mapReturn(let iova) = try kind(Lines.mapReturn) else { return unexpected() }
    #expect(iova == 0x1_0000_0000)
    guard case .unmapCall(let unmapped, let size) = try kind(Lines.unmapCall) else {
      return unexpected()
    }
    #expect(unmapped == 0x1_0000_2000)
    #expect(size == 0x1000)
  }

  @Test("probes mapsg, unmapsg, refresh")
  func lists() throws {
    guard case .mapScatterGatherCall(2) = try kind(Lines.mapList) else { return unexpected() }
    guard case .unmapScatterGatherCall(3) = try kind(Lines.unmapList) else { return unexpected() }
    guard case .refresh(let refresh) = try kind(Lines.refresh) else { return unexpected() }
    #expect(refresh.functionHandle == 0x8002_0000_0000_0000)
    #expect(refresh.address == 0x1_0000_0000)
    #expect(refresh.byteCount == 0x1000)
  }

  @Test(
    "dma_map_* and dma_unmap_* have hexadecimal addresses without 0x", arguments: ["page", "phys"])
  func dma(_ suffix: String) throws {
    var parser = TraceParser(file: "text")
    let map = Lines.dmaMap.replacing("page", with: suffix, maxReplacements: 1)
    guard case .dmaMap(let mapped) = try kind(map, &parser) else { return unexpected() }
    #expect(parser.text(of: mapped.device) == "0000:00:04.0")
    #expect(mapped.direction == .toDevice)
    #expect(mapped.iova == 0xfff6_8000)
    #expect(mapped.byteCount == 4096)
    #expect(mapped.physical == 0x367_6000)
    let unmap = Lines.dmaUnmap.replacing("page", with: suffix, maxReplacements: 1)
    guard case .dmaUnmap(let unmapped) = try kind(unmap) else { return unexpected() }
    #expect(unmapped.direction == .fromDevice)
    #expect(unmapped.byteCount == 512)
  }

  @Test("dma_map_sg leaves its list with the parser")
  func dmaList() throws {
    var parser = TraceParser(file: "text")
    guard case .dmaMapScatterGather(let list) = try kind(Lines.dmaMapList, &parser) else {
      return unexpected()
    }
    #expect(list.entries == 3)
    #expect(list.mappedEntries == 1)
    #expect(!list.isTruncated)
    #expect(parser.scatter.iovas == [0xff86_c000])
    #expect(parser.scatter.byteCounts == [0x3000])
    #expect(parser.scatter.physical == [0x368_a000, 0x365_a000, 0x368_9000])
  }

  @Test("dma_map_sg of older kernels, cut lists, and lists as libtraceevent writes them")
  func dmaListForms() throws {
    var parser = TraceParser(file: "text")
    let old =
      "dma_map_sg: d dir=TO_DEVICE dma_addrs={0x1000,0x5000} sizes={0x10,0x20} phys_addrs={} x="
    guard case .dmaMapScatterGather(let first) = try kind(old, &parser) else { return unexpected() }
    #expect(first.mappedEntries == 2)
    #expect(first.entries == 0)
    parser = TraceParser(file: "text")
    let cut =
      "dma_map_sg: d dir=TO_DEVICE nents=128/200 ents=1/1 [TRUNCATED] dma_addrs=4096 8192 "
      + "sizes=16 32 phys_addrs=1 2 3 attrs="
    guard case .dmaMapScatterGather(let second) = try kind(cut, &parser) else {
      return unexpected()
    }
    #expect(second.isTruncated)
    #expect(second.entries == 200)
    #expect(parser.scatter.iovas == [4096, 8192])
    #expect(parser.scatter.byteCounts == [16, 32])
    #expect(parser.scatter.physical == [1, 2, 3])
  }

  @Test("coherent memory with and without a direction")
  func coherent() throws {
    guard case .dmaAllocate(let memory) = try kind(Lines.dmaAlloc) else { return unexpected() }
    #expect(memory.iova == 0xffff_0000)
    #expect(memory.byteCount == 8192)
    #expect(memory.direction == .bidirectional)
    let free = "dma_free: 0000:00:04.0 dir=TO_DEVICE dma_addr=ffff0000 size=8192 virt_addr=1 attrs="
    guard case .dmaFree(let freed) = try kind(free) else { return unexpected() }
    #expect(freed.direction == .toDevice)
  }

  @Test("Intel's invalidations, with and without pages")
  func intel() throws {
    guard case .intelFlush(let range) = try kind(Lines.flushRange) else { return unexpected() }
    #expect(range.domain == 4)
    #expect(range.first == 0xfffb_c000)
    #expect(range.last == 0xfffb_cfff)
    #expect(!range.isDeviceCache)
    #expect(!range.isGlobal)
    guard case .intelFlush(let newer) = try kind(Lines.flushRangeNewer) else { return unexpected() }
    #expect(newer.isDeviceCache)
    #expect(newer.isGlobal)
    guard case .intelFlush(let all) = try kind(Lines.flushAll) else { return unexpected() }
    #expect(all.isGlobal)
    guard case .intelSubmission(let queued) = try kind(Lines.submission) else {
      return unexpected()
    }
    #expect(queued.quadword0 == 0x400e2)
    #expect(queued.quadword3 == 3)
  }

  @Test("marks and events of no interest keep their text")
  func marksAndOthers() throws {
    var parser = TraceParser(file: "text")
    guard case .mark = try kind(Lines.mark, &parser) else { return unexpected() }
    #expect(parser.markText == "mark 3:1:60:4:0:4000")
    parser = TraceParser(file: "text")
    guard case .mark = try kind("print: tracing_mark_write: mark-probe", &parser) else {
      return unexpected()
    }
    #expect(parser.markText == "mark-probe")
    parser = TraceParser(file: "text")
    guard case .other(let name) = try kind("sched_switch: prev_comm=a ==> next_comm=b", &parser)
    else { return unexpected() }
    #expect(parser.text(of: name) == "sched_switch")
  }

  private func unexpected(_ location: SourceLocation = #_sourceLocation) {
    Issue.record("another kind of event", sourceLocation: location)
  }
}
