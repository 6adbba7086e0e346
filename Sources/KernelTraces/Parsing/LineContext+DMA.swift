/// Source: Linux include/trace/events/dma.h. Addresses of single buffers are hexadecimal without
/// `0x`; lists are written by the kernel as `{0x1,0x2}` and by libtraceevent, which perf and
/// trace-cmd use, as decimal numbers with blanks between.
extension LineContext {
  /// `0000:00:04.0 dir=TO_DEVICE dma_addr=fff68000 size=4096 phys_addr=3676000 attrs=`.
  mutating func readDMAMap(
    _ cursor: inout LineCursor, in bytes: Span<UInt8>
  ) throws(LineProblem) -> TraceEvent.Kind {
    let mapped = try readDMAUnmap(&cursor, in: bytes)
    try cursor.require("phys_addr=", in: bytes)
    let physical = try cursor.hexadecimal(in: bytes)
    return .dmaMap(
      TraceEvent.DMAMap(
        device: mapped.device, direction: mapped.direction, iova: mapped.iova,
        byteCount: mapped.byteCount, physical: physical))
  }

  /// `0000:00:04.0 dir=TO_DEVICE dma_addr=fff68000 size=4096 …`; older kernels give no direction
  /// for coherent memory, which is then read and written by the device.
  mutating func readDMAUnmap(
    _ cursor: inout LineCursor, in bytes: Span<UInt8>
  ) throws(LineProblem) -> TraceEvent.DMAUnmap {
    let device = try readDevice(&cursor, in: bytes)
    cursor.skipBlanks(in: bytes)
    var direction = TraceDirection.bidirectional
    if cursor.skip("dir=", in: bytes) { direction = try Self.readDirection(&cursor, in: bytes) }
    try cursor.require("dma_addr=", in: bytes)
    let iova = try cursor.hexadecimal(in: bytes)
    let size = try cursor.field("size=", in: bytes)
    return TraceEvent.DMAUnmap(device: device, direction: direction, iova: iova, byteCount: size)
  }

  /// `0000:00:04.0 dir=FROM_DEVICE nents=3/3 ents=1/1 dma_addrs={…} sizes={…} phys_addrs={…} …`;
  /// the counts are missing in older kernels.
  mutating func readScatterMap(
    _ cursor: inout LineCursor, in bytes: Span<UInt8>
  ) throws(LineProblem) -> TraceEvent.Kind {
    scatter.removeAll()
    let device = try readDevice(&cursor, in: bytes)
    try cursor.require("dir=", in: bytes)
    let direction = try Self.readDirection(&cursor, in: bytes)
    cursor.skipBlanks(in: bytes)
    var counts: (entries: UInt64, mapped: UInt64)?
    var isTruncated = false
    if cursor.skip("nents=", in: bytes) {
      let entries = try Self.readFraction(&cursor, in: bytes)
      try cursor.require("ents=", in: bytes)
      counts = (entries, try Self.readFraction(&cursor, in: bytes))
      cursor.skipBlanks(in: bytes)
      isTruncated = cursor.skip("[TRUNCATED]", in: bytes)
    }
    try Self.readList("dma_addrs=", into: &scatter.iovas, &cursor, in: bytes)
    try Self.readList("sizes=", into: &scatter.byteCounts, &cursor, in: bytes)
    if scatter.iovas.count != scatter.byteCounts.count {
      throw cursor.problem("as many sizes as addresses, \(scatter.iovas.count)")
    }
    try Self.readList("phys_addrs=", into: &scatter.physical, &cursor, in: bytes)
    return .dmaMapScatterGather(
      TraceEvent.DMAScatterGather(
        device: device, direction: direction,
        entries: counts?.entries ?? UInt64(scatter.physical.count),
        mappedEntries: counts?.mapped ?? UInt64(scatter.iovas.count), isTruncated: isTruncated))
  }

  /// `0000:00:04.0 dir=FROM_DEVICE phys_addrs={…} attrs=`.
  mutating func readScatterUnmap(
    _ cursor: inout LineCursor, in bytes: Span<UInt8>
  ) throws(LineProblem) -> TraceEvent.Kind {
    scatter.removeAll()
    let device = try readDevice(&cursor, in: bytes)
    try cursor.require("dir=", in: bytes)
    let direction = try Self.readDirection(&cursor, in: bytes)
    try Self.readList("phys_addrs=", into: &scatter.physical, &cursor, in: bytes)
    return .dmaUnmapScatterGather(
      TraceEvent.DMAScatterGather(
        device: device, direction: direction, entries: UInt64(scatter.physical.count),
        mappedEntries: 0, isTruncated: false))
  }

  private mutating func readDevice(
    _ cursor: inout LineCursor, in bytes: Span<UInt8>
  ) throws(LineProblem) -> TraceDevice {
    TraceDevice(index: devices.index(of: try cursor.word("a device", in: bytes), in: bytes))
  }

  private static func readDirection(
    _ cursor: inout LineCursor, in bytes: Span<UInt8>
  ) throws(LineProblem) -> TraceDirection {
    if cursor.skip("TO_DEVICE", in: bytes) { return .toDevice }
    if cursor.skip("FROM_DEVICE", in: bytes) { return .fromDevice }
    if cursor.skip("BIDIRECTIONAL", in: bytes) { return .bidirectional }
    if cursor.skip("NONE", in: bytes) { return .none }
    throw cursor.problem("TO_DEVICE, FROM_DEVICE, BIDIRECTIONAL or NONE")
  }

  /// `shown/all`: the number of all.
  private static func readFraction(
    _ cursor: inout LineCursor, in bytes: Span<UInt8>
  ) throws(LineProblem) -> UInt64 {
    _ = try cursor.number(in: bytes)
    try cursor.require("/", in: bytes)
    return try cursor.number(in: bytes)
  }

  private static func readList(
    _ key: String, into list: inout [UInt64], _ cursor: inout LineCursor, in bytes: Span<UInt8>
  ) throws(LineProblem) {
    try cursor.require(key, in: bytes)
    let isBraced = cursor.skip("{", in: bytes)
    while true {
      cursor.skipBlanks(in: bytes)
      guard cursor.position < cursor.end, bytes[cursor.position].isDigit else { break }
      list.append(try cursor.number(in: bytes))
      _ = cursor.skip(",", in: bytes)
    }
    if isBraced { try cursor.require("}", in: bytes) }
  }
}
