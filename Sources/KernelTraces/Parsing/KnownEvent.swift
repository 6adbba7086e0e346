/// The events whose fields are read, by the names in the trace.
enum KnownEvent: String, CaseIterable {
  case map, unmap, mapret, mapsg, unmapsg, refresh
  case dmaMapPage = "dma_map_page"
  case dmaMapPhys = "dma_map_phys"
  case dmaMapResource = "dma_map_resource"
  case dmaUnmapPage = "dma_unmap_page"
  case dmaUnmapPhys = "dma_unmap_phys"
  case dmaUnmapResource = "dma_unmap_resource"
  case dmaMapScatterGather = "dma_map_sg"
  case dmaUnmapScatterGather = "dma_unmap_sg"
  case dmaAlloc = "dma_alloc"
  case dmaAllocPages = "dma_alloc_pages"
  case dmaFree = "dma_free"
  case dmaFreePages = "dma_free_pages"
  case cacheTagFlushRange = "cache_tag_flush_range"
  case cacheTagFlushRangeNotPresent = "cache_tag_flush_range_np"
  case cacheTagFlushAll = "cache_tag_flush_all"
  case queueSubmit = "qi_submit"
  case markWrite = "tracing_mark_write"
  case print

  /// All events in the order of their numbers in a parser's table of names.
  static let all = KnownEvent.allCases

  /// A table of names that starts with the known events.
  static func nameTable() -> NameTable {
    NameTable(known: all.map(\.rawValue))
  }
}
