/// The system's own changes of domain: while nobody has claimed the group or uses it.
extension DeviceGroup {
  /// Puts every device of a blocked group into `new`.
  ///
  /// Devices in error state, or fenced, become ``DeviceState/pending``: they reach nothing until
  /// ``recover(_:on:)`` or ``reset(_:on:)`` brings them up in the domain.
  ///
  /// Throws: `alreadyAttached` where the group has a domain, or `ownership`, and nothing changed;
  /// otherwise why one device was refused, and all are blocked. Complexity: a few instructions to
  /// each device, whatever is mapped. Context: takes the group's lock. Allocates: never.
  /// Invalidates: everything, on devices of a domain in which there are tables.
  public func attach(_ new: TranslationDomain<Control>, on cpu: CPUIndex) throws(AttachError) {
    try lock.withLock { () throws(AttachError) in
      try expectFree()
      if domain != nil { throw .alreadyAttached }
      try enter(new, on: cpu)
    }
  }

  /// Moves every device from the present domain to `new`, through the blocked state.
  ///
  /// Throws: `ownership`, and nothing changed; otherwise why one device was refused, and all are
  /// blocked. Complexity, context, allocates: as ``attach(_:on:)``, and waits for invalidations
  /// that are using the devices. Invalidates: everything of the present domain, for these devices.
  public func replace(
    with new: TranslationDomain<Control>, on cpu: CPUIndex
  ) throws(AttachError) {
    try lock.withLock { () throws(AttachError) in
      try expectFree()
      leave(on: cpu)
      try enter(new, on: cpu)
    }
  }

  /// Blocks every device, also of a group that has a default domain.
  ///
  /// Does nothing in a group that is blocked, but for trying again to block stuck devices. Returns
  /// the worst of the outcomes; each device's own is its `lastDetach`.
  /// Throws: who owns the group, and nothing changed. Allocates: never. Complexity, context,
  /// invalidates: as ``replace(with:on:)``.
  @discardableResult
  public func detach(on cpu: CPUIndex) throws(OwnershipError) -> DetachOutcome {
    try lock.withLock { () throws(OwnershipError) in
      try expectUnowned()
      return leave(on: cpu)
    }
  }

  /// The lock is held.
  func expectFree() throws(AttachError) {
    do throws(OwnershipError) {
      try expectUnowned()
    } catch {
      throw .ownership(error)
    }
  }

  private func expectUnowned() throws(OwnershipError) {
    if standing.isClaimed { throw .claimed(devices: members.count) }
    if uses > 0 { throw .inUse(drivers: uses) }
  }
}
