extension LineContext {
  /// Reads an event's fields.
  mutating func readBody(
    _ name: Range<Int>, _ cursor: inout LineCursor, in bytes: Span<UInt8>
  ) throws(LineProblem) -> TraceEvent.Kind {
    let index = names.index(of: name, in: bytes)
    guard KnownEvent.all.indices.contains(index) else {
      return .other(TraceEvent.EventName(index: index))
    }
    switch KnownEvent.all[index] {
    case .map:
      return cursor.isAt(UInt8(ascii: "("), in: bytes)
        ? try Self.readMapCall(&cursor, in: bytes) : try Self.readMapPages(&cursor, in: bytes)
    case .unmap:
      return cursor.isAt(UInt8(ascii: "("), in: bytes)
        ? try Self.readUnmapCall(&cursor, in: bytes) : try Self.readUnmapPages(&cursor, in: bytes)
    case .mapret:
      try cursor.parenthesis(in: bytes)
      return .mapReturn(iova: try cursor.field("dma=", in: bytes))
    case .mapsg:
      try cursor.parenthesis(in: bytes)
      return .mapScatterGatherCall(entries: try cursor.field("nents=", in: bytes))
    case .unmapsg:
      try cursor.parenthesis(in: bytes)
      return .unmapScatterGatherCall(entries: try cursor.field("nents=", in: bytes))
    case .refresh: return try Self.readRefresh(&cursor, in: bytes)
    case .dmaMapPage, .dmaMapPhys, .dmaMapResource: return try readDMAMap(&cursor, in: bytes)
    case .dmaUnmapPage, .dmaUnmapPhys, .dmaUnmapResource:
      return .dmaUnmap(try readDMAUnmap(&cursor, in: bytes))
    case .dmaAlloc, .dmaAllocPages: return .dmaAllocate(try readDMAUnmap(&cursor, in: bytes))
    case .dmaFree, .dmaFreePages: return .dmaFree(try readDMAUnmap(&cursor, in: bytes))
    case .dmaMapScatterGather: return try readScatterMap(&cursor, in: bytes)
    case .dmaUnmapScatterGather: return try readScatterUnmap(&cursor, in: bytes)
    case .cacheTagFlushRange: return try Self.readFlushRange(.range, &cursor, in: bytes)
    case .cacheTagFlushRangeNotPresent:
      return try Self.readFlushRange(.rangeNotPresent, &cursor, in: bytes)
    case .cacheTagFlushAll: return try Self.readFlushAll(&cursor, in: bytes)
    case .queueSubmit: return try Self.readSubmission(&cursor, in: bytes)
    case .markWrite:
      readMark(cursor, in: bytes)
      return .mark
    case .print:
      // Both perf and trace-cmd write the address or name of the function that printed first.
      let isFunction = Self.readName(&cursor, in: bytes) != nil
      if !isFunction { cursor.position = min(name.upperBound + 1, cursor.end) }
      cursor.skipBlanks(in: bytes)
      readMark(cursor, in: bytes)
      return .mark
    }
  }

  private mutating func readMark(_ cursor: LineCursor, in bytes: Span<UInt8>) {
    layout.body = cursor.position..<cursor.end
    var text: [UInt8] = []
    for position in cursor.position..<cursor.end { text.append(bytes[position]) }
    markText = String(decoding: text, as: UTF8.self)
  }
}
