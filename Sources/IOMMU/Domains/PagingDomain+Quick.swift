/// The quick way: one page, through its chunk's lease, for devices that need not be told.
extension PagingDomain {
  /// Whether the options let single pages be mapped without a look at them.
  static func canMapQuickly(_ options: PagingDomainOptions, _ aperture: IOVARange) -> Bool {
    let mask = Platform.Format.granule.byteCount - 1
    return Table.canLease && !options.modifiers.containsAny(of: .reuse.union(.batch))
      && aperture.last.rawValue <= options.limits.mask
      && options.limits.segmentBoundaryMask & mask == mask
  }

  /// Whether `buffer` lies in one page, whose address fits an entry.
  @inlinable
  @inline(__always)
  static func isOnePage(_ buffer: PhysicalRange) -> Bool {
    let mask = Platform.Format.granule.byteCount &- 1
    if (buffer.first.rawValue ^ buffer.last.rawValue) & ~mask != 0 { return false }
    return buffer.last <= Platform.Format.physicalLimit
  }

  /// Whether single pages are mapped the quick way now.
  @inlinable
  @inline(__always)
  var isQuick: Bool { population.isQuick }

  /// Writes the entry of a page that was just handed out, by an exchange.
  @inlinable
  @inline(__always)
  func write(
    _ page: OpenPage, _ buffer: PhysicalRange, _ permission: DevicePermission, on cpu: CPUIndex
  ) {
    let physical = buffer.first.alignedDown(log2: Platform.Format.granule.log2)
    observer.allocated(Self.page(at: page.first))
    YieldPoint.reached(.store, table.entries(of: page.leaf), at: table.slot(of: page))
    let old = table.memory.exchangeEntry(
      Platform.Format.leafEntry(physical, permission), in: page.leaf, index: page.index)
    // Nobody else has the page, and whoever had it before cleared the entry.
    precondition(!Platform.Format.isValid(old, level: 0), "a page was handed out that is mapped")
    observer.mapped(
      Self.page(at: page.first), to: buffer.aligned(to: Platform.Format.granule), permission)
  }

  /// Makes a page that was written usable by every device.
  @inlinable
  @inline(__always)
  func makeUsable(_ page: OpenPage, on cpu: CPUIndex) throws(MapError) {
    if !isQuick { return try announceWritten(page, on: cpu) }
    observer.usable(Self.page(at: page.first))
  }

  /// The token for a page that was written.
  ///
  /// It carries where its entry is, which the lease keeps there for as long as the page is live.
  @inlinable
  @inline(__always)
  func leasedToken<Direction: DMADirection>(
    _ page: OpenPage, _ buffer: PhysicalRange, from source: OpenPageSource
  ) -> Mapping<Direction> {
    scheme.countLeasedMap(from: source)
    return Mapping(
      device: Self.bytes(of: buffer, inPage: page.first), memory: buffer,
      place: page.place, entry: page.entry, leasedBy: leasedOwner)
  }

  /// Maps the first page of the processor's next word, if it has one.
  @inlinable
  @inline(__always)
  func mapNext<Direction: DMADirection>(
    _ buffer: PhysicalRange, _ direction: Direction.Type, on cpu: CPUIndex
  ) throws(MapError) -> Mapping<Direction>? {
    guard let page = scheme.openNextPage(on: cpu, log2: UInt64(Platform.Format.granule.log2))
    else { return nil }
    if page.leaf == .none { return try mapCounted(page, buffer, direction, on: cpu) }
    write(page, buffer, Direction.permission, on: cpu)
    try makeUsable(page, on: cpu)
    return leasedToken(page, buffer, from: scheme.source(on: cpu))
  }

  /// Maps an open page whose chunk has no lease.
  @inlinable
  @inline(never)
  func mapCounted<Direction: DMADirection>(
    _ page: OpenPage, _ buffer: PhysicalRange, _ direction: Direction.Type, on cpu: CPUIndex
  ) throws(MapError) -> Mapping<Direction> {
    try mapCounted(Self.page(at: page.first), buffer, direction, on: cpu)
  }

  /// Maps in the ordinary way what was just handed out; its chunk gets a lease for what is to come.
  @inlinable
  @inline(__always)
  func mapCounted<Direction: DMADirection>(
    _ device: IOVARange, _ buffer: PhysicalRange, _ direction: Direction.Type, on cpu: CPUIndex
  ) throws(MapError) -> Mapping<Direction> {
    try place(
      device, buffer.aligned(to: Platform.Format.granule), Direction.permission, on: cpu)
    try announceOrTakeBack(device, on: cpu)
    if Scheme.hasLeases, Self.isOnePage(buffer), isQuick { lease(device, on: cpu) }
    return token(device, buffer, on: cpu)
  }

  /// Tells the devices of a page that was written the quick way, because one of them came meanwhile
  /// that has to be told; where that fails, takes the page back.
  @inlinable
  @inline(never)
  func announceWritten(_ page: OpenPage, on cpu: CPUIndex) throws(MapError) {
    do throws(ControlError) {
      try announce(Self.page(at: page.first), on: cpu)
    } catch {
      observer.unmapped(Self.page(at: page.first))
      clearLeased(page.first, at: page.place, page.entry, scheme, on: cpu)
      throw .control(error)
    }
  }

  /// Clears by an exchange the entry of the page that `first` lies in, and leaves it to the scheme.
  ///
  /// The scheme is the domain's: looked up once by who has just counted with it.
  @inlinable
  @inline(__always)
  func clearLeased(
    _ first: IOVA, at place: OpenPagePlace, _ entry: LeafHandle, _ scheme: Scheme,
    on cpu: CPUIndex
  ) {
    account(stale: 1, since: now())
    let log2 = UInt64(Platform.Format.granule.log2)
    let outcome = scheme.retireOpenPage(
      first, at: place, log2: log2, on: cpu, issuer: self
    ) {
      YieldPoint.reached(
        .store, table.entries(of: entry), at: table.memory.address(of: entry).rawValue)
      let old = table.memory.exchangeEntry(
        Platform.Format.invalidEntry(level: 0), in: entry, index: 0)
      return Platform.Format.isValid(old, level: 0)
    }
    switch outcome {
    case .retired: break
    case .left: retireCleared(first, on: cpu)
    case .refused: quarantine(Self.page(around: first))
    }
  }

  /// Leaves the page around `address` to the scheme: its chunk was not waiting for an invalidation
  /// yet.
  @inlinable
  @inline(never)
  func retireCleared(_ address: IOVA, on cpu: CPUIndex) {
    scheme.retire(Self.page(around: address), since: now(), on: cpu, issuer: self)
  }

  /// The page that `address` lies in.
  @inlinable
  @inline(__always)
  static func page(around address: IOVA) -> IOVARange {
    page(at: address.alignedDown(log2: Platform.Format.granule.log2))
  }

  /// The page that begins at `first`.
  @inlinable
  @inline(__always)
  static func page(at first: IOVA) -> IOVARange {
    IOVARange(
      ordered: first, IOVA(first.rawValue | (Platform.Format.granule.byteCount &- 1)))
  }
}
