/// The probes' fields are as this project's own traces name them; the README in Traces/ has the
/// commands that set them.
extension LineContext {
  /// `(s390_dma_map_pages+0x0/0x258) page=0x… off=0x0 size=0x1000 dir=0x2`.
  static func readMapCall(
    _ cursor: inout LineCursor, in bytes: Span<UInt8>
  ) throws(LineProblem) -> TraceEvent.Kind {
    try cursor.parenthesis(in: bytes)
    let page = try cursor.field("page=", in: bytes)
    let offset = try cursor.field("off=", in: bytes)
    let size = try cursor.field("size=", in: bytes)
    try cursor.require("dir=", in: bytes)
    let position = cursor.position
    let number = try cursor.number(in: bytes)
    guard number <= 3, let direction = TraceDirection(rawValue: UInt8(number)) else {
      throw LineProblem(position: position, expected: "a direction from 0 to 3")
    }
    return .mapCall(
      TraceEvent.MapCall(page: page, offset: offset, byteCount: size, direction: direction))
  }

  /// `(s390_dma_unmap_pages+0x0/0x1b8) dma=0x100002000 size=0x1000`.
  static func readUnmapCall(
    _ cursor: inout LineCursor, in bytes: Span<UInt8>
  ) throws(LineProblem) -> TraceEvent.Kind {
    try cursor.parenthesis(in: bytes)
    let iova = try cursor.field("dma=", in: bytes)
    return .unmapCall(iova: iova, byteCount: try cursor.field("size=", in: bytes))
  }

  /// `(zpci_refresh_trans+0x0/0x1d8) fh=0x8002000000000000 addr=0x100000000 range=0x1000`.
  static func readRefresh(
    _ cursor: inout LineCursor, in bytes: Span<UInt8>
  ) throws(LineProblem) -> TraceEvent.Kind {
    try cursor.parenthesis(in: bytes)
    let handle = try cursor.field("fh=", in: bytes)
    let address = try cursor.field("addr=", in: bytes)
    let size = try cursor.field("range=", in: bytes)
    return .refresh(
      TraceEvent.Refresh(functionHandle: handle, address: address, byteCount: size))
  }
}
