import IOMMU
import ZPCI

/// Groups that change their domains and owners.
extension Simulation {
  func attach(_ random: inout StepRandom, _ cpu: CPUIndex) -> Bool {
    guard let any = random.element(of: groups), let domain = random.element(of: domains) else {
      return false
    }
    // One that has a domain is refused, so mostly one that has none.
    let group = random.oneIn(8) ? any : groups.first { $0.domain == nil && $0.use == nil } ?? any
    if group.domain != nil && !random.oneIn(4) { return false }
    attach(group, to: domain, cpu)
    return true
  }

  /// Attaches as whoever has the group.
  func attach(_ group: SimulatedGroup, to domain: SimulatedDomain, _ cpu: CPUIndex) {
    guard let target = domain.target else { return }
    note("group \(group.number) to domain \(domain.number)")
    do throws(AttachError) {
      try inside(domain) { () throws(AttachError) in
        if group.owner == nil {
          try group.group.attach(target.domain, on: cpu)
        } else {
          try group.owner?.attach(target.domain, on: cpu)
        }
      }
      if group.domain != nil { fail(.oracle, "group \(group.number) was attached twice") }
      group.domain = domain
    } catch {
      didNot(error, group)
      if error == .alreadyAttached && group.domain != nil { return }
      judge(error, group, domain)
    }
    expectStates(of: group)
  }

  func replace(_ random: inout StepRandom, _ cpu: CPUIndex) -> Bool {
    guard let group = random.element(of: groups), let domain = random.element(of: domains),
      let target = domain.target
    else { return false }
    note("group \(group.number) to domain \(domain.number)")
    if group.domain.map({ !$0.held.isEmpty }) == true { mark(.movedLive) }
    do throws(AttachError) {
      try inside(domain) { () throws(AttachError) in
        if group.owner == nil {
          try group.group.replace(with: target.domain, on: cpu)
        } else {
          try group.owner?.replace(with: target.domain, on: cpu)
        }
      }
      group.domain = domain
    } catch {
      didNot(error, group)
      if case .ownership = error {} else { group.domain = nil }
      judge(error, group, domain)
    }
    expectStates(of: group)
    return true
  }

  func detach(_ random: inout StepRandom, _ cpu: CPUIndex) -> Bool {
    guard let group = random.element(of: groups) else { return false }
    detach(group, cpu)
    return true
  }

  /// Blocks the group, as whoever has it.
  func detach(_ group: SimulatedGroup, _ cpu: CPUIndex) {
    note("group \(group.number)")
    do throws(OwnershipError) {
      try inside(group.domain) { () throws(OwnershipError) in
        if group.owner == nil {
          _ = try group.group.detach(on: cpu)
        } else {
          _ = group.owner?.detach(on: cpu)
        }
      }
      group.domain = nil
    } catch {
      didNot(.ownership(error), group)
      judge(.ownership(error), group, nil)
    }
    expectStates(of: group)
  }

  func claim(_ random: inout StepRandom, _ cpu: CPUIndex) -> Bool {
    guard let group = random.element(of: groups) else { return false }
    if group.owner != nil && random.oneIn(2) { return giveBack(group, cpu) }
    note("group \(group.number)")
    do throws(AttachError) {
      let owner = try inside(group.domain) { () throws(AttachError) in
        try group.group.claim(on: cpu)
      }
      if group.owner != nil { fail(.oracle, "group \(group.number) was claimed twice") }
      group.owner = consume owner
      group.domain = nil
    } catch {
      didNot(error, group)
      if case .stuck = error { group.domain = nil }
      judge(error, group, nil)
    }
    expectStates(of: group)
    return true
  }

  @discardableResult
  func giveBack(_ group: SimulatedGroup, _ cpu: CPUIndex) -> Bool {
    guard let owner = group.owner.take() else { return false }
    note("group \(group.number) is given back")
    let outer = router.current
    router.current = group.defaultDomain?.checkers
    isInside = true
    var failure: AttachError?
    do throws(AttachError) {
      try owner.giveBack(on: cpu)
    } catch {
      failure = error
    }
    isInside = false
    router.current = outer
    group.domain = failure == nil ? group.defaultDomain : nil
    if let failure {
      didNot(failure, group)
      judge(failure, group, group.defaultDomain)
    }
    expectStates(of: group)
    return true
  }

  /// Begins or ends a driver's use.
  func use(_ random: inout StepRandom, _ cpu: CPUIndex) -> Bool {
    guard let group = random.element(of: groups) else { return false }
    if endUse(of: group) { return true }
    note("group \(group.number) is used")
    do throws(AttachError) {
      let use = try inside(group.defaultDomain) { () throws(AttachError) in
        try group.group.beginUse(on: cpu)
      }
      if group.owner != nil {
        fail(.oracle, "group \(group.number) is used though it is claimed")
      }
      if group.domain == nil { group.domain = group.defaultDomain }
      let expected = group.domain?.target?.domain
      if let expected, use.domain !== expected {
        fail(.oracle, "group \(group.number) is used in another domain than its own")
      }
      group.use = consume use
    } catch {
      didNot(error, group)
      judge(error, group, group.defaultDomain)
    }
    expectStates(of: group)
    return true
  }

  @discardableResult
  func endUse(of group: SimulatedGroup) -> Bool {
    guard let use = group.use.take() else { return false }
    note("group \(group.number) is not used any more")
    use.end()
    return true
  }

  // MARK: What is expected

  func didNot(_ error: AttachError, _ group: SimulatedGroup) {
    note("threw \(error)")
    count(.notAttached)
  }

  /// Ends the run unless `error` is one that changing the group may end with now.
  func judge(
    _ error: AttachError, _ group: SimulatedGroup, _ domain: SimulatedDomain?,
    joining: SimulatedFunction? = nil
  ) {
    let functions = joining.map { [$0] } ?? group.members
    switch error {
    case .control(.functionGone), .control(.functionInError):
      if armed.unplugs || functions.contains(where: { isOutOfWork($0) }) { return }
    case .control(.refused(conditionCode: 3, _)), .control(.unsupported):
      // It was disabled, and could not be enabled again: only a reset helps.
      if functions.contains(where: { isOutOfWork($0) }) { return }
    case .control(let control):
      if isAllowed(control) { return }
    case .mayNotDefer:
      if functions.contains(where: { !plan.isTrusted[$0.number] }) { return }
    case .stuck(let control):
      mark(.stuck)
      if isAllowed(control) { return }
    case .ownership(.claimed(let devices)):
      if group.owner != nil && devices == group.members.count { return }
    case .ownership(.inUse(let drivers)):
      if group.use != nil && drivers == 1 { return }
    case .wrongState(let state):
      if state == .gone { return }
    case .aperture, .tooManyDevices, .alreadyAttached, .functionTaken: break
    }
    fail(.error, "changing group \(group.number) ended with \(error), which nothing explains")
  }

  private func isOutOfWork(_ function: SimulatedFunction) -> Bool {
    machine.condition(of: function.number) != .enabled
      || function.control?.function.state != .enabled
  }

  /// Each member is in a state that goes with its group's domain, and the hardware agrees.
  func expectStates(of group: SimulatedGroup) {
    for function in group.members {
      guard let state = function.member?.state else { continue }
      let translates =
        machine.functions[function.number].registration != nil
        && machine.condition(of: function.number) == .enabled
      switch state {
      case .attached, .pending:
        if group.domain == nil {
          fail(.oracle, "function \(function.number) is \(state) in a group without a domain")
        }
      case .blocked:
        if group.domain != nil {
          fail(.oracle, "function \(function.number) is blocked in a group with a domain")
        }
      case .gone: break
      case .stuck: mark(.stuck)
      case .probed, .released:
        fail(.oracle, "function \(function.number) is \(state) and member of a group")
      }
      if state == .pending { mark(.pending) }
      if translates && (state == .blocked || state == .pending || state == .gone) {
        fail(.oracle, "function \(function.number) is \(state) and still translates")
      }
    }
  }
}
