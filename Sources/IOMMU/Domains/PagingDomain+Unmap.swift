/// Taking mappings back.
extension PagingDomain {
  /// Takes a mapping back; the token is consumed.
  ///
  /// What the device may still reach is the policy's promise: nothing after this returns with a
  /// strict one; the old pages until the next flush with one that defers. A range whose
  /// invalidation fails is quarantined. Complexity: O(pages). Allocates: never.
  @inlinable
  public func unmap<Direction: DMADirection>(
    _ mapping: consuming Mapping<Direction>, on cpu: CPUIndex
  ) {
    // A token of another domain goes to that domain's quarantine when it is dropped here.
    guard mapping.belongs(to: quarantineRecord) else { return }
    let device = mapping.device.aligned(to: Platform.Format.granule)
    let memory = mapping.memory.first
    let maker = mapping.processor
    mapping.surrender()
    counters.countUnmap(furtherPages: Table.pages(device) &- 1, on: cpu)
    observer.unmapped(device)
    if options.modifiers.contains(.reuse) {
      parkOrRetire(device, memory, Direction.permission, madeOn: CPUIndex(Int(maker)), on: cpu)
    } else {
      retire(device, since: now(), on: cpu)
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
    if scheme.defersInvalidation {
      staleWindow.retire(Table.pages(device), at: since)
    }
    clear(device, since: since, on: cpu)
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
    if table.emptyTableCount >= options.emptyTableLimit { _ = reclaimTables(on: cpu) }
  }

  /// Clears any entries; `false` where they were not mapped, and `device` is out of use for ever.
  @inlinable
  @inline(never)
  func clearSlowly(_ device: IOVARange) -> Bool {
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
