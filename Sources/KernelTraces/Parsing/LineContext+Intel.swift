/// Source: Linux drivers/iommu/intel/trace.h.
extension LineContext {
  /// `dmar0 dmar0[0] type iotlb did 4 [0x…-0x…] addr 0x… pages 0x1 mask 0x0`; newer kernels leave
  /// the pages out.
  static func readFlushRange(
    _ scope: TraceEvent.IntelFlush.Scope, _ cursor: inout LineCursor, in bytes: Span<UInt8>
  ) throws(LineProblem) -> TraceEvent.Kind {
    _ = try cursor.word("a unit", in: bytes)
    _ = try cursor.word("a device", in: bytes)
    let (isDevice, domain) = try readTag(&cursor, in: bytes)
    try cursor.require("[", in: bytes)
    let first = try cursor.number(in: bytes)
    try cursor.require("-", in: bytes)
    let position = cursor.position
    let last = try cursor.number(in: bytes)
    if last < first {
      throw LineProblem(position: position, expected: "a last byte at or above the first")
    }
    try cursor.require("]", in: bytes)
    try cursor.require("addr ", in: bytes)
    _ = try cursor.number(in: bytes)
    cursor.skipBlanks(in: bytes)
    if cursor.skip("pages ", in: bytes) { _ = try cursor.number(in: bytes) }
    try cursor.require("mask ", in: bytes)
    _ = try cursor.number(in: bytes)
    return .intelFlush(
      TraceEvent.IntelFlush(
        domain: domain, first: first, last: last, scope: scope, isDeviceCache: isDevice))
  }

  /// `dmar0/dmar0 type iotlb did 4 pasid 0 ref 1`.
  static func readFlushAll(
    _ cursor: inout LineCursor, in bytes: Span<UInt8>
  ) throws(LineProblem) -> TraceEvent.Kind {
    _ = try cursor.word("a unit and a device", in: bytes)
    let (isDevice, domain) = try readTag(&cursor, in: bytes)
    try cursor.require("pasid ", in: bytes)
    _ = try cursor.number(in: bytes)
    try cursor.require("ref ", in: bytes)
    _ = try cursor.number(in: bytes)
    return .intelFlush(
      TraceEvent.IntelFlush(
        domain: domain, first: 0, last: .max, scope: .all, isDeviceCache: isDevice))
  }

  /// `iotlb_inv dmar0: 0x400f2 0xfffbc040 0x0 0x0`.
  static func readSubmission(
    _ cursor: inout LineCursor, in bytes: Span<UInt8>
  ) throws(LineProblem) -> TraceEvent.Kind {
    _ = try cursor.word("a descriptor's type", in: bytes)
    let unit = try cursor.word("a unit and a colon", in: bytes)
    guard bytes[unit.upperBound - 1] == UInt8(ascii: ":") else { throw cursor.problem("':'") }
    cursor.skipBlanks(in: bytes)
    let quadword0 = try cursor.number(in: bytes)
    cursor.skipBlanks(in: bytes)
    let quadword1 = try cursor.number(in: bytes)
    cursor.skipBlanks(in: bytes)
    let quadword2 = try cursor.number(in: bytes)
    cursor.skipBlanks(in: bytes)
    let quadword3 = try cursor.number(in: bytes)
    return .intelSubmission(
      TraceEvent.IntelSubmission(
        quadword0: quadword0, quadword1: quadword1, quadword2: quadword2, quadword3: quadword3))
  }

  /// Whose cache and which domain: `type iotlb did 4`.
  ///
  /// `iotlb` and `nesting_iotlb` are the unit's, `devtlb` and `nesting_devtlb` the device's.
  private static func readTag(
    _ cursor: inout LineCursor, in bytes: Span<UInt8>
  ) throws(LineProblem) -> (isDevice: Bool, domain: UInt64) {
    try cursor.require("type ", in: bytes)
    cursor.skipBlanks(in: bytes)
    var word = cursor
    _ = word.skip("nesting_", in: bytes)
    let isDevice = word.skip("devtlb", in: bytes)
    _ = try cursor.word("a cache's type", in: bytes)
    try cursor.require("did ", in: bytes)
    return (isDevice, try cursor.number(in: bytes))
  }
}
