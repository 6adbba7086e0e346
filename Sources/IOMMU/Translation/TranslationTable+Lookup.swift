/// Reading translations.
extension TranslationTable {
  /// What the device would reach at `iova`, and how; `nil` for nothing, and outside the aperture.
  ///
  /// Answers what the table says at some time during the call. What the hardware has cached may be
  /// older. Complexity: constant, no walk. Context: any processor, at any time. Allocates: never.
  @inlinable
  public borrowing func lookup(
    _ iova: IOVA
  ) -> (physical: PhysicalAddress, permission: DevicePermission)? {
    guard aperture.contains(iova) else { return nil }
    var reader = LeafReader<Format, Memory>()
    guard let entry = reader.entry(of: iova, in: self) else { return nil }
    let page = Format.physical(of: entry)
    let offset = iova.offset(log2: Format.granule.log2)
    return (PhysicalAddress(page.rawValue | offset), Format.permission(of: entry))
  }

  /// Calls `body` for each longest run within `range` that translates to consecutive memory with
  /// one permission, in order of address; skips what is not mapped.
  ///
  /// `range` need not be whole granules. Each page is read once, as ``lookup(_:)`` reads it; a
  /// range that others change meanwhile is not read as of one point in time.
  /// - Throws: what `body` throws, at once.
  /// - Complexity: a step for each page of spans that have a leaf table, and for each other span.
  ///
  /// Context: any processor, at any time. Allocates: never.
  @inlinable
  public borrowing func forEachSegment<Failure: Error>(
    in range: IOVARange, _ body: (TableSegment) throws(Failure) -> Void
  ) throws(Failure) {
    guard let range = range.intersection(aperture) else { return }
    let mask = Format.granule.byteCount &- 1
    var reader = LeafReader<Format, Memory>()
    var pending: TableSegment?
    var address = range.first.rawValue
    while true {
      var last = min(address | mask, range.last.rawValue)
      if let entry = reader.entry(of: IOVA(address), in: self) {
        let found = TableSegment(
          device: IOVARange(ordered: IOVA(address), IOVA(last)),
          memory: PhysicalAddress(Format.physical(of: entry).rawValue | (address & mask)),
          permission: Format.permission(of: entry))
        if let joined = pending?.joined(with: found) {
          pending = joined
        } else {
          if let pending { try body(pending) }
          pending = found
        }
      } else if reader.isAbsent {
        last = min(span(spanIndex(IOVA(address))).last.rawValue, range.last.rawValue)
      }
      if last == range.last.rawValue { break }
      address = last &+ 1
    }
    if let pending { try body(pending) }
  }

  /// The first page in `range` that is mapped.
  @inlinable
  borrowing func firstMappedPage(in range: IOVARange) -> IOVARange? {
    var reader = LeafReader<Format, Memory>()
    var address = range.first
    while true {
      let page = IOVARange(byte: address).aligned(to: Format.granule)
      if reader.entry(of: address, in: self) != nil { return page }
      guard page.last < range.last else { return nil }
      address = IOVA(page.last.rawValue &+ 1)
    }
  }
}

/// A run of device addresses that translates to consecutive memory with one permission.
@frozen
public struct TableSegment: Equatable, Sendable, BitwiseCopyable {
  /// What the device uses.
  public let device: IOVARange

  /// Where its first byte lies in memory.
  public let memory: PhysicalAddress

  /// What the device may do.
  public let permission: DevicePermission

  @inlinable
  init(device: IOVARange, memory: PhysicalAddress, permission: DevicePermission) {
    self.device = device
    self.memory = memory
    self.permission = permission
  }

  /// This segment and `next`, where `next` continues it both for the device and in memory.
  @inlinable
  func joined(with next: TableSegment) -> TableSegment? {
    guard next.permission == permission else { return nil }
    guard device.last.advanced(by: 1) == next.device.first else { return nil }
    let (past, overflow) = memory.rawValue.addingReportingOverflow(device.byteCountMinusOne)
    guard !overflow, past < .max, past &+ 1 == next.memory.rawValue else { return nil }
    return TableSegment(
      device: device.union(next.device), memory: memory, permission: permission)
  }
}
