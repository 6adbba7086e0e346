/// What happens to one member; the group's lock is held by every caller.
extension DeviceGroup {
  /// Puts a blocked device into `new`, or has it wait there.
  ///
  /// Throws: why it was refused; it is blocked and in no domain, or stuck in `new`.
  func admit(
    _ device: DMADevice<Control>, to new: TranslationDomain<Control>, on cpu: CPUIndex
  ) throws(AttachError) -> Admission {
    do throws(AttachError) {
      let admission = try new.admit(device.control, by: owner, on: cpu)
      if case .attached = admission {
        device.go(.attach, home: new)
      } else {
        device.go(.postpone, home: new)
      }
      return admission
    } catch {
      if case .stuck(let refusal) = error {
        device.go(.stick, home: new)
        device.note(.stuck(refusal))
      }
      throw error
    }
  }

  /// Blocks a member, whatever state it is in.
  @discardableResult
  func expel(_ device: DMADevice<Control>, on cpu: CPUIndex) -> DetachOutcome {
    let state = device.state
    guard let home = device.home else { return state == .gone ? .absent : .blocked }
    if state == .pending {
      home.forget(device.control, state)
      device.go(.block)
      device.note(.absent)
      return .absent
    }
    let outcome = home.expel(device.control, state, by: owner, on: cpu)
    device.note(outcome)
    if case .stuck = outcome {
      device.go(.stick, home: home)
    } else {
      device.go(.block)
    }
    return outcome
  }

  /// Blocks a member that is going away, by a reset if need be, and ends its life.
  @discardableResult
  func retire(_ device: DMADevice<Control>, on cpu: CPUIndex) -> DetachOutcome {
    var outcome = expel(device, on: cpu)
    if case .stuck = outcome {
      // A reset that failed half-way may have blocked it all the same.
      outcome = resets(device, on: cpu) ? .blocked : expel(device, on: cpu)
    }
    device.note(outcome)
    // The domain that a stuck device was in goes on invalidating it; the device need not know. Its
    // function stays taken, because no other device may be made to reach less than it does.
    device.go(.release)
    if case .stuck = outcome { return outcome }
    device.control.claim.giveBack()
    return outcome
  }

  /// Resets a stuck device, which blocks it if anything does; true where that worked.
  private func resets(_ device: DMADevice<Control>, on cpu: CPUIndex) -> Bool {
    do throws(ControlError) {
      try device.control.reset(by: owner, on: cpu)
    } catch {
      if error != .functionGone { return false }
    }
    device.home?.forget(device.control, .stuck)
    device.go(.block)
    return true
  }

  /// Puts every device into `new`; all are blocked.
  ///
  /// Throws: why one of them was refused; all are blocked again.
  func enter(_ new: TranslationDomain<Control>, on cpu: CPUIndex) throws(AttachError) {
    if !new.translates { return }
    for device in members where device.state == .stuck {
      if case .stuck(let error) = expel(device, on: cpu) { throw .stuck(error) }
    }
    for (index, device) in members.enumerated() where device.state != .gone {
      do throws(AttachError) {
        _ = try admit(device, to: new, on: cpu)
      } catch {
        for attached in members[..<index] { expel(attached, on: cpu) }
        throw error
      }
    }
    domain = new
    go(new === defaultDomain && !standing.isClaimed ? .enterDefault : .enter)
  }

  /// Blocks every device; tells the worst that came of it.
  @discardableResult
  func leave(on cpu: CPUIndex) -> DetachOutcome {
    var worst = DetachOutcome.blocked
    for device in members {
      switch (expel(device, on: cpu), worst) {
      case (.stuck(let error), _): worst = .stuck(error)
      case (.absent, .blocked): worst = .absent
      default: break
      }
    }
    domain = nil
    go(.leave)
    return worst
  }

  /// Goes by ``GroupState/after(_:)``; what it does not have is a mistake of the life cycle itself.
  func go(_ event: GroupEvent) {
    guard let next = standing.after(event) else {
      preconditionFailure("an event that a group's life does not have")
    }
    standing = next
  }
}
