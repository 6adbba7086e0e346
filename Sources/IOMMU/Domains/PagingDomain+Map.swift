/// Making mappings.
extension PagingDomain {
  /// Lets the device reach `buffer`, and nothing else but the rest of its first and last granule.
  ///
  /// Complexity: O(pages), without a walk per page, and where addresses run out one global
  /// invalidation. Where memory for tables does, ``tablesPerShortage`` empty ones are freed, or
  /// all of them if that did not help. Throws: `blocked` with no device attached, `noAddress`,
  /// `noMemory`, `beyondFormat`, `control`; nothing is mapped then, and the addresses are free
  /// again, at once or after an invalidation. Allocates: tables only.
  @inlinable
  @inline(__always)
  public func map<Direction: DMADirection>(
    _ buffer: PhysicalRange, _ direction: Direction.Type, on cpu: CPUIndex
  ) throws(MapError) -> Mapping<Direction> {
    // One page, for devices that need not be told.
    if Scheme.hasLeases, Self.isOnePage(buffer), isQuick {
      let log2 = UInt64(Platform.Format.granule.log2)
      let source = scheme.source(on: cpu)
      guard let page = scheme.takeOpenPage(from: source, log2: log2) else {
        return try mapLeasing(buffer, direction, on: cpu)
      }
      if page.leaf == .none { return try mapCounted(page, buffer, direction, on: cpu) }
      write(page, buffer, Direction.permission, on: cpu)
      try makeUsable(page, on: cpu)
      return leasedToken(page, buffer, from: source)
    }
    return try mapSlowly(buffer, direction, on: cpu)
  }

  /// Any number of pages, for any devices, under any modifiers.
  @inlinable
  @inline(never)
  func mapSlowly<Direction: DMADirection>(
    _ buffer: PhysicalRange, _ direction: Direction.Type, on cpu: CPUIndex
  ) throws(MapError) -> Mapping<Direction> {
    if options.modifiers.containsAny(of: .reuse.union(.batch)) {
      return try mapModified(buffer, direction, on: cpu)
    }
    if Self.isOnePage(buffer) { return try mapPage(buffer, direction, on: cpu) }
    return try mapPages(buffer, direction, on: cpu)
  }

  /// Several pages, without such modifiers.
  @inlinable
  @inline(__always)
  func mapPages<Direction: DMADirection>(
    _ buffer: PhysicalRange, _ direction: Direction.Type, on cpu: CPUIndex
  ) throws(MapError) -> Mapping<Direction> {
    if !hasDevices { throw .blocked }
    let pages = buffer.aligned(to: Platform.Format.granule)
    let device = try allocate(request(for: pages), on: cpu)
    observer.allocated(device)
    try placePages(device, pages, Direction.permission, on: cpu)
    observer.mapped(device, to: pages, Direction.permission)
    try announceOrTakeBack(device, on: cpu)
    return token(device, buffer, on: cpu)
  }

  /// The same with modifiers that keep translations or postpone their announcement.
  @inlinable
  @inline(never)
  func mapModified<Direction: DMADirection>(
    _ buffer: PhysicalRange, _ direction: Direction.Type, on cpu: CPUIndex
  ) throws(MapError) -> Mapping<Direction> {
    if !hasDevices { throw .blocked }
    let pages = buffer.aligned(to: Platform.Format.granule)
    if options.modifiers.contains(.reuse),
      let device = takeParked(pages, Direction.permission, on: cpu)
    {
      return token(device, buffer, on: cpu)
    }
    let device = try place(pages, Direction.permission, on: cpu)
    if options.modifiers.contains(.batch) {
      postpone(device, on: cpu)
    } else {
      try announceOrTakeBack(device, on: cpu)
    }
    return token(device, buffer, on: cpu)
  }

  /// Makes every mapping made on `cpu` so far usable by the device: one invalidation per run of
  /// addresses with `+batch`, nothing otherwise.
  @inlinable
  public func synchronize(on cpu: CPUIndex) throws(MapError) {
    if options.modifiers.contains(.batch) { try announcePending(on: cpu) }
  }

  /// Finds addresses for whole granules at `pages` and writes their entries.
  @inlinable
  @inline(__always)
  func place(
    _ pages: PhysicalRange, _ permission: DevicePermission, on cpu: CPUIndex
  ) throws(MapError) -> IOVARange {
    let device = try allocate(request(for: pages), on: cpu)
    try place(device, pages, permission, on: cpu)
    return device
  }

  /// What to ask the scheme for.
  @inlinable
  @inline(__always)
  func request(for pages: PhysicalRange) -> IOVARequest {
    IOVARequest(
      pages: pages.pageCount(of: Platform.Format.granule),
      boundaryMask: options.limits.segmentBoundaryMask, limit: IOVA(options.limits.mask))
  }

  /// Writes the entries of `device`, which were just handed out.
  @inlinable
  @inline(__always)
  func place(
    _ device: IOVARange, _ pages: PhysicalRange, _ permission: DevicePermission, on cpu: CPUIndex
  ) throws(MapError) {
    observer.allocated(device)
    // A single page takes neither a call nor a place for an error.
    if !table.mapPage(device, to: pages.first, permission, checking: VerifiedEntries.self) {
      try placeSlowly(device, pages, permission, on: cpu)
    }
    observer.mapped(device, to: pages, permission)
  }

  @inlinable
  @inline(never)
  func placeSlowly(
    _ device: IOVARange, _ pages: PhysicalRange, _ permission: DevicePermission, on cpu: CPUIndex
  ) throws(MapError) {
    try placePages(device, pages, permission, on: cpu)
  }

  /// The same without a look at whether it is a single page, and without a call of its own.
  @inlinable
  @inline(__always)
  func placePages(
    _ device: IOVARange, _ pages: PhysicalRange, _ permission: DevicePermission, on cpu: CPUIndex
  ) throws(MapError) {
    do throws(TableError) {
      try table.mapSlowly(device, to: pages.first, permission, checking: VerifiedEntries.self)
    } catch {
      try retryPlacing(device, pages, permission, after: error, on: cpu)
    }
  }

  @inlinable
  @inline(__always)
  func allocate(_ request: IOVARequest, on cpu: CPUIndex) throws(MapError) -> IOVARange {
    do throws(IOVAAllocationError) {
      return try scheme.allocate(request, on: cpu, issuer: self)
    } catch {
      return try allocateWithoutParked(request, after: error, on: cpu)
    }
  }

  /// Gives up what is parked for reuse, which holds addresses, and tries once more.
  @usableFromInline
  @inline(never)
  func allocateWithoutParked(
    _ request: IOVARequest, after error: IOVAAllocationError, on cpu: CPUIndex
  ) throws(MapError) -> IOVARange {
    guard options.modifiers.contains(.reuse), evictParked(notAfter: now(), on: cpu) else {
      throw .noAddress(error)
    }
    do throws(IOVAAllocationError) {
      return try scheme.allocate(request, on: cpu, issuer: self)
    } catch {
      throw .noAddress(error)
    }
  }

  /// Frees tables that are empty when there was no memory for another, and tries again: at first a
  /// few, which do for most; then all there are, before it gives up.
  @usableFromInline
  @inline(never)
  func retryPlacing(
    _ device: IOVARange, _ pages: PhysicalRange, _ permission: DevicePermission,
    after error: TableError, on cpu: CPUIndex
  ) throws(MapError) {
    var error = error
    var tries = 0
    while tries < 2, case .noMemory = error {
      let isWorthATry = tries == 0 ? reclaimTables(on: cpu) : reclaimAllTables(on: cpu)
      tries &+= 1
      if !isWorthATry { continue }
      do throws(TableError) {
        try table.map(device, to: pages.first, permission)
        return
      } catch let next {
        error = next
      }
    }
    scheme.cancel(device, on: cpu)
    throw MapError(error, pages)
  }

  @inlinable
  @inline(__always)
  func token<Direction: DMADirection>(
    _ device: IOVARange, _ buffer: PhysicalRange, on cpu: CPUIndex
  ) -> Mapping<Direction> {
    counters.countMap(furtherPages: Table.pages(device) &- 1, on: cpu)
    return Mapping(
      device: Self.bytes(of: buffer, in: device), memory: buffer, isBounced: false,
      on: cpu, quarantine: quarantineRecord)
  }

  /// The very bytes of `buffer` within the whole granules at `device`.
  @inlinable
  static func bytes(of buffer: PhysicalRange, in device: IOVARange) -> IOVARange {
    // Both lie within `device`, whose pages are as many as those of `buffer`: nothing wraps.
    let first = device.first.rawValue | buffer.first.offset(log2: Platform.Format.granule.log2)
    return IOVARange(ordered: IOVA(first), IOVA(first &+ buffer.byteCountMinusOne))
  }
}

extension MapError {
  /// What a table's error means to the caller of `map`.
  @usableFromInline
  init(_ error: TableError, _ pages: PhysicalRange) {
    switch error {
    case .noMemory(let error): self = .noMemory(error)
    default: self = .beyondFormat(pages)
    }
  }
}
