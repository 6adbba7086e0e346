/// Taking mappings back.
extension PagingDomain {
  /// Takes a mapping back; the token is consumed.
  ///
  /// What the device may still reach is the policy's promise: nothing after this returns with a
  /// strict one; the old pages until the next flush with one that defers. A range whose
  /// invalidation fails is quarantined. Complexity: O(pages); for each table that becomes empty,
  /// one is unlinked and two are freed at the most. Allocates: never.
  @inlinable
  @inline(__always)
  public func unmap<Direction: DMADirection>(
    _ mapping: consuming Mapping<Direction>, on cpu: CPUIndex
  ) {
    if !Scheme.hasLeases { return unmapCounted(mapping, on: cpu) }
    // One comparison: whether the token is this domain's, and its page was written through a lease.
    if mapping.owner != leasedOwner {
      let (device, memory, origin) = (mapping.device, mapping.memoryFirst, mapping.origin)
      let owner = mapping.owner
      mapping.surrender()
      return unmapApart(device, memory, origin, owner, Direction.self, on: cpu)
    }
    let first = mapping.device.first
    let (place, entry) = (mapping.place, mapping.entry)
    mapping.surrender()
    let device = Self.page(around: first)
    let scheme = scheme
    scheme.countLeasedUnmap(on: cpu)
    observer.unmapped(device)
    clearLeased(first, at: place, entry, scheme, on: cpu)
    observer.unmapReturned(device)
  }

  /// A mapping whose pages the table counts, as all are where there are no leases.
  @inlinable
  @inline(__always)
  func unmapCounted<Direction: DMADirection>(
    _ mapping: consuming Mapping<Direction>, on cpu: CPUIndex
  ) {
    // A token of another domain goes to that domain's quarantine when it is dropped here.
    guard mapping.belongs(to: quarantineRecord) else { return }
    let bytes = mapping.device
    if !Self.isOnePage(bytes) { return unmapPages(mapping, on: cpu) }
    if options.modifiers.contains(.reuse) { return unmapPages(mapping, on: cpu) }
    mapping.surrender()
    unmapPage(bytes.first.alignedDown(log2: Platform.Format.granule.log2), on: cpu)
  }

  /// The same apart from what is to stay quick, of this domain or another one.
  ///
  /// Takes the token's fields one by one, which need no memory to be handed over in: so tokens of
  /// pages that are leased can stay out of memory.
  @inlinable
  @inline(never)
  func unmapApart<Direction: DMADirection>(
    _ bytes: IOVARange, _ memory: PhysicalAddress, _ origin: UInt64, _ owner: MappingOwner,
    _ direction: Direction.Type, on cpu: CPUIndex
  ) {
    // A token of another domain goes to that domain's quarantine, as if it were dropped here.
    if owner != MappingOwner(quarantineRecord) { return owner.quarantine(bytes) }
    if !Self.isOnePage(bytes) || options.modifiers.contains(.reuse) {
      return unmapPages(bytes, memory, origin, direction, on: cpu)
    }
    unmapPage(bytes.first.alignedDown(log2: Platform.Format.granule.log2), on: cpu)
  }

  /// Whether `bytes` lie in one page.
  @inlinable
  @inline(__always)
  static func isOnePage(_ bytes: IOVARange) -> Bool {
    let mask = Platform.Format.granule.byteCount &- 1
    return (bytes.first.rawValue ^ bytes.last.rawValue) & ~mask == 0
  }

  /// Any number of pages, under any modifiers.
  @inlinable
  @inline(never)
  func unmapPages<Direction: DMADirection>(
    _ mapping: consuming Mapping<Direction>, on cpu: CPUIndex
  ) {
    let (device, memory, origin) = (mapping.device, mapping.memoryFirst, mapping.origin)
    mapping.surrender()
    unmapFields(device, memory, origin, Direction.self, on: cpu)
  }

  /// The same by the token's fields.
  @inlinable
  @inline(never)
  func unmapPages<Direction: DMADirection>(
    _ bytes: IOVARange, _ memory: PhysicalAddress, _ origin: UInt64, _ direction: Direction.Type,
    on cpu: CPUIndex
  ) {
    unmapFields(bytes, memory, origin, direction, on: cpu)
  }

  @inlinable
  @inline(__always)
  func unmapFields<Direction: DMADirection>(
    _ bytes: IOVARange, _ memory: PhysicalAddress, _ origin: UInt64, _ direction: Direction.Type,
    on cpu: CPUIndex
  ) {
    let device = bytes.aligned(to: Platform.Format.granule)
    counters.countUnmap(furtherPages: Table.pages(device) &- 1, on: cpu)
    observer.unmapped(device)
    if options.modifiers.contains(.reuse) {
      let maker = Mapping<Direction>.processor(origin)
      parkOrRetire(device, memory, Direction.permission, madeOn: maker, on: cpu)
    } else {
      retirePages(device, since: now(), on: cpu)
    }
    observer.unmapReturned(device)
  }

  /// Keeps the translation of `device` standing for `memory` to come back, where that is allowed.
  @inlinable
  @inline(never)
  func parkOrRetire(
    _ device: IOVARange, _ memory: PhysicalAddress, _ permission: DevicePermission,
    madeOn maker: CPUIndex, on cpu: CPUIndex
  ) {
    let since = now()
    if scheme.defersInvalidation && (processor(maker) == processor(cpu) || isAnnouncedByEveryone) {
      let page = memory.alignedDown(log2: Platform.Format.granule.log2)
      park(device, page, permission, since: since, on: cpu)
    } else {
      retire(device, since: since, on: cpu)
    }
  }

  /// Clears the entries of `device` and leaves the addresses to the scheme.
  @inlinable
  @inline(__always)
  func retire(_ device: IOVARange, since: Instant, on cpu: CPUIndex) {
    if scheme.defersInvalidation { account(stale: Table.pages(device), since: since) }
    clear(device, since: since, on: cpu)
  }

  /// The same where the pages are known to be several.
  @inlinable
  @inline(__always)
  func retirePages(_ device: IOVARange, since: Instant, on cpu: CPUIndex) {
    if scheme.defersInvalidation { account(stale: Table.pages(device), since: since) }
    if !clearPages(device) { return }
    scheme.retire(device, since: since, on: cpu, issuer: self)
    limitEmptyTables(on: cpu)
  }

  /// Clears entries whose staleness is accounted for already.
  @inlinable
  @inline(__always)
  func clear(_ device: IOVARange, since: Instant, on cpu: CPUIndex) {
    // A single page takes neither a call nor a place for an error.
    if !table.unmapPage(device, checking: VerifiedEntries.self) {
      if !clearSlowly(device) { return }
    }
    scheme.retire(device, since: since, on: cpu, issuer: self)
    limitEmptyTables(on: cpu)
  }

  /// Clears any entries; `false` where they were not mapped, and `device` is out of use for ever.
  @inlinable
  @inline(never)
  func clearSlowly(_ device: IOVARange) -> Bool { clearPages(device) }

  /// The same, without a call of its own.
  @inlinable
  @inline(__always)
  func clearPages(_ device: IOVARange) -> Bool {
    do throws(TableError) {
      try table.unmapSlowly(device, checking: VerifiedEntries.self)
      return true
    } catch {
      // Entries that are not as this domain wrote them: nothing is known of what devices reach.
      quarantine(device)
      return false
    }
  }
}
