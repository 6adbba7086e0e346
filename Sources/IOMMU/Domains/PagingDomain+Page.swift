/// One page in the ordinary way: counted by the table, for any devices, under any policy.
///
/// The same as for several pages, but with one page as a constant: no loop, no room for an error,
/// and ends of ranges that follow from their beginnings.
extension PagingDomain {
  /// Maps a buffer that lies in one page.
  @inlinable
  @inline(__always)
  func mapPage<Direction: DMADirection>(
    _ buffer: PhysicalRange, _ direction: Direction.Type, on cpu: CPUIndex
  ) throws(MapError) -> Mapping<Direction> {
    if Scheme.hasLeases, isQuick { return try mapLeasing(buffer, direction, on: cpu) }
    if !hasDevices { throw .blocked }
    let first = try takePage(on: cpu)
    let device = Self.page(at: first)
    let page = Self.page(around: buffer.first)
    observer.allocated(device)
    // The scheme hands out pages of the table's aperture only, and entries can name this one.
    if !table.mapPage(
      at: first, to: page.first, Direction.permission, checking: VerifiedEntries.self)
    {
      try placeSlowly(device, page, Direction.permission, on: cpu)
    }
    observer.mapped(device, to: page, Direction.permission)
    try announceOrTakeBack(device, on: cpu)
    return pageToken(first, buffer, on: cpu)
  }

  /// The first address of a page that nobody else has: the next one of the processor's open word
  /// where the scheme has such and the limits of the devices are those of the aperture.
  @inlinable
  @inline(__always)
  func takePage(on cpu: CPUIndex) throws(MapError) -> IOVA {
    if Scheme.hasLeases, takesOpenPages,
      let page = scheme.takeOpenPage(
        from: scheme.source(on: cpu), log2: UInt64(Platform.Format.granule.log2))
    {
      return page.first
    }
    return try allocate(onePage, on: cpu).first
  }

  /// Maps for devices that need not be told a page that was not at hand, through its lease where
  /// it has one; where not, its chunk gets one for what is to come.
  @inlinable
  @inline(never)
  func mapLeasing<Direction: DMADirection>(
    _ buffer: PhysicalRange, _ direction: Direction.Type, on cpu: CPUIndex
  ) throws(MapError) -> Mapping<Direction> {
    if let mapping = try mapNext(buffer, direction, on: cpu) { return mapping }
    let device = try allocate(onePage, on: cpu)
    if let page = scheme.leasedPage(at: device.first) {
      write(page, buffer, Direction.permission, on: cpu)
      try makeUsable(page, on: cpu)
      return leasedToken(page, buffer, from: scheme.source(on: cpu))
    }
    return try mapCounted(device, buffer, direction, on: cpu)
  }

  /// What to ask the scheme for where one page is wanted.
  @inlinable
  @inline(__always)
  var onePage: IOVARequest {
    IOVARequest(
      pages: PageCount(1), boundaryMask: options.limits.segmentBoundaryMask,
      limit: IOVA(options.limits.mask))
  }

  /// The token for one page that the table counts.
  @inlinable
  @inline(__always)
  func pageToken<Direction: DMADirection>(
    _ page: IOVA, _ buffer: PhysicalRange, on cpu: CPUIndex
  ) -> Mapping<Direction> {
    counters.countMap(furtherPages: 0, on: cpu)
    return Mapping(
      device: Self.bytes(of: buffer, inPage: page), memory: buffer, isBounced: false, on: cpu,
      quarantine: quarantineRecord)
  }

  /// The very bytes of `buffer`, which lies in one page, within the page at `page`.
  @inlinable
  @inline(__always)
  static func bytes(of buffer: PhysicalRange, inPage page: IOVA) -> IOVARange {
    let first = page.rawValue | buffer.first.offset(log2: Platform.Format.granule.log2)
    return IOVARange(ordered: IOVA(first), IOVA(first &+ buffer.byteCountMinusOne))
  }

  /// Takes back a mapping that lies in the page at `first`, and was counted by the table.
  @inlinable
  @inline(never)
  func unmapPage(_ first: IOVA, on cpu: CPUIndex) {
    let device = Self.page(at: first)
    counters.countUnmap(furtherPages: 0, on: cpu)
    observer.unmapped(device)
    let since = now()
    if scheme.defersInvalidation { account(stale: 1, since: since) }
    // The page is that of a token of this domain, and so of the table's aperture.
    let isCleared = table.unmapPage(at: first, checking: VerifiedEntries.self)
    if isCleared || clearSlowly(device) {
      scheme.retire(device, since: since, on: cpu, issuer: self)
      limitEmptyTables(on: cpu)
    }
    observer.unmapReturned(device)
  }

  /// The whole page that the byte at `address` lies in.
  @inlinable
  @inline(__always)
  static func page(around address: PhysicalAddress) -> PhysicalRange {
    let mask = Platform.Format.granule.byteCount &- 1
    let first = address.rawValue & ~mask
    return PhysicalRange(ordered: PhysicalAddress(first), PhysicalAddress(first | mask))
  }
}
