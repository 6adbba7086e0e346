import IOMMU

/// Lists of buffers, one page each, mapped by one call; with `+batch` each is announced at once,
/// as a driver does that rings for each list.
final class ScatterSubject<Scheme: InvalidationScheme>: Subject {
  typealias Token = ScatterMapping<FromDevice>

  /// The most buffers of a list.
  private static var buffersMax: Int { 32 }
  /// How many lists there are; which buffers they have is of no account.
  private static var lists: Int { 64 }

  private let base: MappingSubject<Scheme>
  private let buffers: [PhysicalRange]
  private let isBatched: Bool

  init(_ base: MappingSubject<Scheme>, isBatched: Bool) {
    self.base = base
    self.isBatched = isBatched
    // Every third page, so that none is next to another.
    buffers = (0..<UInt64(Self.lists * Self.buffersMax)).compactMap {
      Buffers.buffer(3 * $0, pages: 1)
    }
  }

  @inline(__always)
  func take(
    _ pages: UInt64, buffer: UInt64, on cpu: CPUIndex
  ) throws(NothingFree) -> ScatterMapping<FromDevice> {
    let start = Int(truncatingIfNeeded: buffer) & (Self.lists - 1) &* Self.buffersMax
    var mapped: ScatterMapping<FromDevice>?
    // SAFETY: (1) the memory lasts as long as the closure, and so does the span; (2) what was
    // appended needs no end.
    unsafe withUnsafeTemporaryAllocation(of: IOVARange.self, capacity: Self.buffersMax) { room in
      let buffers = self.buffers
      let list = buffers.span.extracting(start..<(start &+ Int(truncatingIfNeeded: pages)))
      var segments = unsafe OutputSpan(buffer: room, initializedCount: 0)
      do throws(MapError) {
        mapped = try base.domain.mapScatterGather(
          list, FromDevice.self, into: &segments, on: cpu)
      } catch {
        mapped = nil
      }
      // SAFETY: it is the same memory.
      _ = unsafe segments.finalize(for: room)
    }
    if isBatched { base.ring(on: cpu) }
    guard let mapping = mapped.take() else { throw NothingFree() }
    return mapping
  }

  @inline(__always)
  func give(_ token: consuming ScatterMapping<FromDevice>, on cpu: CPUIndex) {
    base.domain.unmapScatterGather(token, on: cpu)
  }

  @inline(__always)
  static func addresses(of token: borrowing ScatterMapping<FromDevice>) -> IOVARange {
    token.device
  }

  var invalidations: UInt64 { base.invalidations }
  var tableBytes: Int { base.tableBytes }
  var arenaBytes: UInt64 { base.arenaBytes }
}
