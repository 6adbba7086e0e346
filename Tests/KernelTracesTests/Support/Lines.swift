import KernelTraces

/// Bodies of event lines as kernels write them.
enum Lines {
  static let mapPages =
    "map: IOMMU: iova=0x000000013ffff000 - 0x0000000140000000 paddr=0x0000000006cf6000 size=4096"
  static let unmapPages =
    "unmap: IOMMU: iova=0x000000013fffd000 - 0x000000013fffe000 size=4096 unmapped_size=4096"
  static let mapCall =
    "map: (s390_dma_map_pages+0x0/0x258) page=0x3720009fd40 off=0x10 size=0x1000 dir=0x2"
  static let mapReturn =
    "mapret: (s390_dma_alloc+0xd2/0x148 <- s390_dma_map_pages) dma=0x100000000"
  static let unmapCall = "unmap: (s390_dma_unmap_pages+0x0/0x1b8) dma=0x100002000 size=0x1000"
  static let mapList = "mapsg: (s390_dma_map_sg+0x0/0x220) nents=2"
  static let unmapList = "unmapsg: (s390_dma_unmap_sg+0x0/0x88) nents=3"
  static let refresh =
    "refresh: (zpci_refresh_trans+0x0/0x1d8) fh=0x8002000000000000 addr=0x100000000 range=0x1000"
  static let dmaMap =
    "dma_map_page: 0000:00:04.0 dir=TO_DEVICE dma_addr=fff68000 size=4096 phys_addr=3676000 attrs="
  static let dmaUnmap =
    "dma_unmap_page: 0000:00:04.0 dir=FROM_DEVICE dma_addr=fff68000 size=512 attrs="
  static let dmaMapList =
    "dma_map_sg: 0000:00:04.0 dir=FROM_DEVICE nents=3/3 ents=1/1 dma_addrs={0xff86c000} "
    + "sizes={0x3000} phys_addrs={0x368a000,0x365a000,0x3689000} attrs=NO_WARN"
  static let dmaUnmapList =
    "dma_unmap_sg: 0000:00:04.0 dir=FROM_DEVICE phys_addrs={0x368a000,0x365a000} attrs="
  static let dmaAlloc =
    "dma_alloc: 0000:00:04.0 dma_addr=ffff0000 size=8192 virt_addr=00000000abcdef01 "
    + "flags=GFP_KERNEL"
  static let flushRange =
    "cache_tag_flush_range: dmar0 dmar0[0] type iotlb did 4 [0xfffbc000-0xfffbcfff] "
    + "addr 0xfffbc000 pages 0x1 mask 0x0"
  static let flushRangeNewer =
    "cache_tag_flush_range: dmar0 dmar0[0] type devtlb did 4 [0x0-0xffffffffffffffff] "
    + "addr 0x0 mask 0x34"
  static let flushAll = "cache_tag_flush_all: dmar0/dmar0 type iotlb did 4 pasid 0 ref 1"
  static let submission = "qi_submit: iotlb_inv dmar0: 0x400e2 0x1 0x2 0x3"
  static let mark = "tracing_mark_write: mark 3:1:60:4:0:4000"

  static let all = [
    mapPages, unmapPages, mapCall, mapReturn, unmapCall, mapList, unmapList, refresh, dmaMap,
    dmaUnmap, dmaMapList, dmaUnmapList, dmaAlloc, flushRange, flushRangeNewer, flushAll,
    submission, mark,
  ]

  /// A body as ftrace writes it, at `microseconds` past one second.
  static func ftrace(
    _ body: String, at microseconds: Int = 0, task: Int = 9, cpu: Int = 0
  ) -> String {
    let digits = String(microseconds)
    let padded = String(repeating: "0", count: 6 - digits.count) + digits
    return "    kworker/u2:0-\(task)       [00\(cpu)] .....     1.\(padded): \(body)\n"
  }

  /// ftrace lines, a microsecond apart.
  static func ftrace(_ bodies: [String]) -> String {
    bodies.enumerated().map { ftrace($1, at: $0) }.joined()
  }

  /// All events of a text.
  static func events(_ text: String) throws(TraceError) -> [TraceEvent] {
    var parser = TraceParser(file: "text")
    return try events(text, &parser)
  }

  static func events(
    _ text: String, _ parser: inout TraceParser
  ) throws(TraceError) -> [TraceEvent] {
    parser.append(text)
    parser.finish()
    var events: [TraceEvent] = []
    while let event = try parser.next() { events.append(event) }
    return events
  }
}
