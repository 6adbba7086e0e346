extension LineContext {
  /// Source: Linux include/trace/events/iommu.h, `map`:
  /// `IOMMU: iova=0x… - 0x… paddr=0x… size=4096`.
  static func readMapPages(
    _ cursor: inout LineCursor, in bytes: Span<UInt8>
  ) throws(LineProblem) -> TraceEvent.Kind {
    let (first, end) = try readRange(&cursor, in: bytes)
    let physical = try cursor.field("paddr=", in: bytes)
    let size = try readSize("size=", of: end &- first, &cursor, in: bytes)
    return .mapPages(
      TraceEvent.MapPages(first: first, last: end &- 1, physical: physical, byteCount: size))
  }

  /// Source: Linux include/trace/events/iommu.h, `unmap`:
  /// `IOMMU: iova=0x… - 0x… size=4096 unmapped_size=4096`.
  static func readUnmapPages(
    _ cursor: inout LineCursor, in bytes: Span<UInt8>
  ) throws(LineProblem) -> TraceEvent.Kind {
    let (first, end) = try readRange(&cursor, in: bytes)
    let size = try readSize("size=", of: end &- first, &cursor, in: bytes)
    let unmapped = try cursor.field("unmapped_size=", in: bytes)
    return .unmapPages(
      TraceEvent.UnmapPages(
        first: first, last: end &- 1, byteCount: size, unmappedByteCount: unmapped))
  }

  /// The range up to an exclusive end, which is 0 for a range that reaches the top of the space.
  private static func readRange(
    _ cursor: inout LineCursor, in bytes: Span<UInt8>
  ) throws(LineProblem) -> (first: UInt64, end: UInt64) {
    try cursor.require("IOMMU:", in: bytes)
    let first = try cursor.field("iova=", in: bytes)
    try cursor.require("-", in: bytes)
    cursor.skipBlanks(in: bytes)
    let position = cursor.position
    let end = try cursor.number(in: bytes)
    guard end &- 1 >= first, end != first else {
      throw LineProblem(position: position, expected: "an end above the start")
    }
    return (first, end)
  }

  /// A size, which must agree with the range: a number that was cut off does not.
  private static func readSize(
    _ key: String, of range: UInt64, _ cursor: inout LineCursor, in bytes: Span<UInt8>
  ) throws(LineProblem) -> UInt64 {
    try cursor.require(key, in: bytes)
    let position = cursor.position
    let size = try cursor.number(in: bytes)
    if size != range {
      throw LineProblem(position: position, expected: "the range's size, \(range)")
    }
    return size
  }
}
