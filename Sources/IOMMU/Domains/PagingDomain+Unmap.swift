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
    let memory = mapping.memory.first.alignedDown(log2: Platform.Format.granule.log2)
    let maker = CPUIndex(Int(mapping.processor))
    mapping.surrender()
    counters.countUnmap(device.pageCount(of: Platform.Format.granule).rawValue, on: cpu)
    observer.unmapped(device)
    let since = now()
    if options.modifiers.contains(.reuse) && scheme.defersInvalidation
      && (processor(maker) == processor(cpu) || isAnnouncedByEveryone)
    {
      park(device, memory, Direction.permission, since: since, on: cpu)
    } else {
      retire(device, since: since, on: cpu)
    }
    observer.unmapReturned(device)
  }

  /// Clears the entries of `device` and leaves the addresses to the scheme.
  @inlinable
  func retire(_ device: IOVARange, since: Instant, on cpu: CPUIndex) {
    if scheme.defersInvalidation {
      staleWindow.retire(device.pageCount(of: Platform.Format.granule).rawValue, at: since)
    }
    clear(device, since: since, on: cpu)
  }

  /// Clears entries whose staleness is accounted for already.
  @inlinable
  func clear(_ device: IOVARange, since: Instant, on cpu: CPUIndex) {
    do throws(TableError) {
      try table.unmap(device)
    } catch {
      // Entries that are not as this domain wrote them: nothing is known of what devices reach.
      quarantine(device)
      return
    }
    scheme.retire(device, since: since, on: cpu, issuer: self)
    if table.emptyTableCount >= options.emptyTableLimit { _ = reclaimTables(on: cpu) }
  }
}
