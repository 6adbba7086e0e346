/// Proof that a user-space owner has a group: nobody else can attach, claim or use it.
///
/// There is one at a time for each group. ``giveBack(on:)`` consumes it; dropping it gives the
/// group back as well, on the first processor, and a failure is to be read from the group's
/// `lastReturnFailure`.
public struct GroupOwner<Control: TranslationControl>: ~Copyable, Sendable {
  /// The group.
  public let group: DeviceGroup<Control>
  let number: UInt64

  init(group: DeviceGroup<Control>, number: UInt64) {
    self.group = group
    self.number = number
  }

  /// Puts every device of the group, which is blocked, into `new`.
  ///
  /// Throws: `alreadyAttached` where the owner has attached a domain, and nothing changed;
  /// otherwise why one device was refused, and all are blocked; the owner keeps the group.
  /// Complexity, context, allocates, invalidates: as the group's `attach`.
  public borrowing func attach(
    _ new: TranslationDomain<Control>, on cpu: CPUIndex
  ) throws(AttachError) {
    try group.lock.withLock { () throws(AttachError) in
      if group.domain != nil { throw .alreadyAttached }
      try group.enter(new, on: cpu)
    }
  }

  /// Moves every device from the present domain to `new`, through the blocked state.
  ///
  /// Throws: why one device was refused, and all are blocked; the owner keeps the group.
  /// Complexity, context, allocates, invalidates: as the group's `replace`.
  public borrowing func replace(
    with new: TranslationDomain<Control>, on cpu: CPUIndex
  ) throws(AttachError) {
    try group.lock.withLock { () throws(AttachError) in
      group.leave(on: cpu)
      try group.enter(new, on: cpu)
    }
  }

  /// Blocks every device; the owner keeps the group.
  ///
  /// Returns the worst of the outcomes. Complexity, context, allocates, invalidates: as the group's
  /// `detach`.
  @discardableResult
  public borrowing func detach(on cpu: CPUIndex) -> DetachOutcome {
    group.lock.withLock { group.leave(on: cpu) }
  }

  /// Brings a device back from error state, as the group's `recover` does.
  public borrowing func recover(
    _ device: DMADevice<Control>, on cpu: CPUIndex
  ) throws(AttachError) {
    try group.lock.withLock { () throws(AttachError) in
      try group.revive(device, .recovery, on: cpu)
    }
  }

  /// Puts a device into the state that it was probed in, as the group's `reset` does.
  public borrowing func reset(
    _ device: DMADevice<Control>, on cpu: CPUIndex
  ) throws(AttachError) {
    try group.lock.withLock { () throws(AttachError) in
      try group.revive(device, .reset, on: cpu)
    }
  }

  /// Gives the group back: every device is blocked, then in the default domain, if there is one.
  ///
  /// Throws: why the group could not return to its default domain; it is blocked and nobody's, and
  /// the next driver's use tries again. Complexity: a few instructions to each device. Context:
  /// takes the group's lock. Allocates: never.
  /// Invalidates: everything of the owner's domain, for these devices.
  public consuming func giveBack(on cpu: CPUIndex) throws(AttachError) {
    try group.takeBack(number, on: cpu)
  }

  deinit {
    do throws(AttachError) {
      try group.takeBack(number, on: .boot)
    } catch {
      // The group is blocked, and keeps the reason.
    }
  }
}

extension DeviceGroup {
  /// Takes the group for a user-space owner, as a VFIO driver does: every device is blocked.
  ///
  /// The owner then attaches domains of its own; the DMA API is out of use until it gives the group
  /// back.
  ///
  /// Throws: `ownership`, with the number of drivers or devices that are in the way, and nothing
  /// changed; `stuck` where a device will not be blocked: all others are, and nobody owns the
  /// group. Complexity: a few instructions to each device. Context: takes the group's lock, and
  /// waits for invalidations that are using the devices. Allocates: never. Invalidates: everything
  /// of the present domain, for these devices.
  public func claim(on cpu: CPUIndex) throws(AttachError) -> GroupOwner<Control> {
    let number = try lock.withLock { () throws(AttachError) -> UInt64 in
      try expectFree()
      if case .stuck(let error) = leave(on: cpu) { throw .stuck(error) }
      go(.claim)
      claimNumber += 1
      return claimNumber
    }
    return GroupOwner(group: self, number: number)
  }

  /// Does nothing for a claim that ended.
  func takeBack(_ number: UInt64, on cpu: CPUIndex) throws(AttachError) {
    try lock.withLock { () throws(AttachError) in
      guard standing.isClaimed, number == claimNumber else { return }
      leave(on: cpu)
      go(.giveBack)
      returnFailure = nil
      guard let defaultDomain else { return }
      do throws(AttachError) {
        try enter(defaultDomain, on: cpu)
      } catch {
        returnFailure = error
        throw error
      }
    }
  }
}
