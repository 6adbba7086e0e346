/// Proof that a driver uses the DMA API on a group, which nobody can claim meanwhile.
///
/// It does not prove that the device reaches anything: it may be pending, or pulled at any time.
/// Dropping the value ends the use as ``end()`` does. End it after the last mapping was taken back.
public struct DriverUse<Control: TranslationControl>: ~Copyable, Sendable {
  /// The group.
  public let group: DeviceGroup<Control>

  /// The domain to map in; it does not change while the use lasts.
  public let domain: TranslationDomain<Control>

  init(group: DeviceGroup<Control>, domain: TranslationDomain<Control>) {
    self.group = group
    self.domain = domain
  }

  /// Ends the use.
  ///
  /// Complexity: constant. Context: takes the group's lock. Invalidates: nothing.
  public consuming func end() {}

  deinit { group.endUse() }
}

extension DeviceGroup {
  /// Begins a driver's use of the DMA API: from here on the group's domain stays what it is.
  ///
  /// Several drivers may use a group at once. One that is blocked, and has a default domain, enters
  /// it first.
  ///
  /// Throws: `ownership(.claimed)`, and nothing changed; otherwise why the default domain refused a
  /// device, and all are blocked. Complexity: constant, or as ``attach(_:on:)`` where the group was
  /// blocked. Context: takes the group's lock. Allocates: never. Invalidates: nothing, or as
  /// ``attach(_:on:)``.
  public func beginUse(on cpu: CPUIndex) throws(AttachError) -> DriverUse<Control> {
    let used = try lock.withLock { () throws(AttachError) -> TranslationDomain<Control> in
      if standing.isClaimed { throw .ownership(.claimed(devices: members.count)) }
      if domain == nil, let defaultDomain {
        try enter(defaultDomain, on: cpu)
        returnFailure = nil
      }
      uses += 1
      return domain ?? blocked
    }
    return DriverUse(group: self, domain: used)
  }

  func endUse() {
    lock.withLock {
      precondition(uses > 0, "a use ended twice")
      uses -= 1
    }
  }
}
