/// Devices that cannot be told apart by the hardware, and so always share one domain.
///
/// The group's lock is the only thing that attach, replace, detach and release need to hold, and
/// all of them hold it: whoever owns the lock owns the hardware. A change always goes through the
/// blocked state; a device whose attach fails stays blocked, never half attached.
/// Lock order: a group's lock, then a domain's.
public final class DeviceGroup<Control: TranslationControl>: @unchecked Sendable {
  private let lock = SpinLock()
  private var members: [DMADevice<Control>] = []
  private var domain: TranslationDomain<Control>

  /// An empty group whose devices will be blocked.
  public init() {
    domain = BlockedDomain()
  }

  /// Adds a device that was just probed; it joins the group's domain.
  ///
  /// Throws: as ``attach(_:on:)``; then the device is not a member and is blocked.
  public func add(_ device: DMADevice<Control>, on cpu: CPUIndex) throws(AttachError) {
    try lock.withLock { () throws(AttachError) in
      guard device.join() else { throw AttachError.alreadyAttached }
      do throws(AttachError) {
        try domain.attach(device.control, on: cpu)
      } catch {
        device.leave()
        throw error
      }
      members.append(device)
    }
  }

  /// The domain that the group is in; a ``BlockedDomain`` where none was attached.
  public var current: TranslationDomain<Control> {
    lock.withLock { domain }
  }

  /// Puts every device of a blocked group into `new`.
  ///
  /// Throws: `alreadyAttached` where the group has a domain, and nothing changed; otherwise why one
  /// device was refused, and all are blocked.
  public func attach(_ new: TranslationDomain<Control>, on cpu: CPUIndex) throws(AttachError) {
    try lock.withLock { () throws(AttachError) in
      guard domain is BlockedDomain<Control> else { throw AttachError.alreadyAttached }
      try enter(new, on: cpu)
    }
  }

  /// Moves every device from the present domain to `new`, through the blocked state.
  ///
  /// Throws: why one device was refused, and all are blocked.
  public func replace(
    with new: TranslationDomain<Control>, on cpu: CPUIndex
  ) throws(AttachError) {
    try lock.withLock { () throws(AttachError) in
      leave(on: cpu)
      try enter(new, on: cpu)
    }
  }

  /// Blocks every device.
  ///
  /// Does nothing in a group that is blocked.
  public func detach(on cpu: CPUIndex) {
    lock.withLock { leave(on: cpu) }
  }

  /// Blocks the device and takes it out of the group for ever; it is going away.
  ///
  /// The others stay in their domain. Releasing twice does nothing.
  public func release(_ device: DMADevice<Control>, on cpu: CPUIndex) {
    lock.withLock {
      guard let index = members.firstIndex(where: { $0 === device }) else { return }
      device.note(domain.detach(device.control, on: cpu))
      device.release()
      members.remove(at: index)
    }
  }

  /// The lock is held and every device is blocked.
  private func enter(_ new: TranslationDomain<Control>, on cpu: CPUIndex) throws(AttachError) {
    for (index, device) in members.enumerated() {
      do throws(AttachError) {
        try new.attach(device.control, on: cpu)
      } catch {
        for attached in members[..<index] { attached.note(new.detach(attached.control, on: cpu)) }
        throw error
      }
    }
    domain = new
  }

  /// The lock is held; every device is blocked afterwards.
  private func leave(on cpu: CPUIndex) {
    for device in members { device.note(domain.detach(device.control, on: cpu)) }
    domain = BlockedDomain()
  }
}
