import Synchronization

/// Devices joining and leaving. The lock of the device's group is held by every caller.
extension TranslationDomain {
  /// Lists a blocked device, then enables it.
  ///
  /// A function in error state or with an invalid handle waits: it is counted, and reaches nothing.
  /// Otherwise throws why it was refused: then it is blocked, and the domain does not know it; or
  /// `stuck`, where the hardware enabled it and would not block it again: it stays listed.
  final func admit(
    _ control: Control, by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) throws(AttachError) -> Admission {
    try check(control)
    try list(control)
    do throws(ControlError) {
      try enable(control, by: owner, on: cpu)
      return .attached
    } catch {
      // Whatever it took up: it is blocked before anybody else learns of the failure.
      if case .stuck(let refusal) = control.block(by: owner, on: cpu) {
        keepAlive()
        throw .stuck(refusal)
      }
      switch error {
      case .functionGone, .functionInError:
        population.add(DomainPopulation.Count.waiting)
        unlist(control)
        return .pending(error)
      default:
        unlist(control)
        throw .control(error)
      }
    }
  }

  /// Counts a blocked device that is to wait for another recovery or reset.
  final func await(_ control: Control) {
    population.add(DomainPopulation.Count.waiting)
  }

  /// Counts a device that will be back in a moment, so that mapping goes on meanwhile.
  ///
  /// It takes nobody's place: room is checked when it comes back.
  final func beginReturn() {
    membership.withLock {
      returning += 1
      population.add(DomainPopulation.Count.waiting)
    }
  }

  /// Ends ``beginReturn()``: the device is back, waits, or will not come.
  final func endReturn() {
    membership.withLock {
      returning -= 1
      population.subtract(DomainPopulation.Count.waiting)
    }
  }

  /// Blocks a listed device, then takes it off the list.
  ///
  /// No invalidation may miss one that still translates. One that is stuck stays listed, and keeps
  /// the domain alive.
  final func expel(
    _ control: Control, _ state: DeviceState, by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) -> DetachOutcome {
    let outcome = control.block(by: owner, on: cpu)
    if case .stuck = outcome {
      if state != .stuck { keepAlive() }
      return outcome
    }
    forget(control, state)
    return outcome
  }

  /// Drops a device that reaches nothing any more.
  final func forget(_ control: Control, _ state: DeviceState) {
    switch state {
    case .pending:
      population.subtract(DomainPopulation.Count.waiting)
    case .attached:
      unlist(control)
    case .stuck:
      unlist(control)
      letGo()
    default: break
    }
  }

  private final func list(_ control: Control) throws(AttachError) {
    let limit = AttachmentList<Control>.capacity
    try membership.withLock { () throws(AttachError) in
      if attachments.contains(control) { throw .alreadyAttached }
      let counted = attachments.count + population.count.waiting - returning
      if counted >= limit { throw .tooManyDevices(limit: limit) }
      // Before it is listed, and so before it is enabled: who finds every device to be one that is
      // told of new translations has found a list on which there is no other that translates.
      population.add(kind(of: control))
      if !attachments.insert(control) {
        uncount(control)
        throw .tooManyDevices(limit: limit)
      }
    }
  }

  /// Takes a blocked device off the list.
  ///
  /// Waits for walks that are using it, with the group's lock held, which no walk takes.
  private final func unlist(_ control: Control) {
    guard let slot = membership.withLock({ attachments.close(control) }) else { return }
    attachments.drain(slot)
    membership.withLock {
      attachments.vacate(slot)
      uncount(control)
    }
  }

  private final func uncount(_ control: Control) {
    population.subtract(kind(of: control))
  }

  /// What an attached device is counted as.
  private final func kind(of control: Control) -> UInt64 {
    let announcing = control.requiresMapSideInvalidation ? DomainPopulation.Count.announcing : 0
    return DomainPopulation.Count.attached | announcing
  }

  private final func keepAlive() {
    membership.withLock {
      stuckTotal.add(1, ordering: .releasing)
      immortal = self
    }
  }

  private final func letGo() {
    // The last reference may be the one that goes; not with the lock held.
    var last: TranslationDomain<Control>?
    membership.withLock {
      if stuckTotal.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
        last = immortal
        immortal = nil
      }
    }
    _ = consume last
  }
}
