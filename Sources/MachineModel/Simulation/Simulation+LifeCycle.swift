import IOMMU
import ZPCI

/// Functions that come, go and fail; groups that change their domains.
extension Simulation {
  func attach(_ random: inout StepRandom, _ cpu: CPUIndex) -> Bool {
    guard let group = random.element(of: groups), let domain = random.element(of: domains) else {
      return false
    }
    attach(group, to: domain, cpu)
    return true
  }

  func attach(_ group: SimulatedGroup, to domain: SimulatedDomain, _ cpu: CPUIndex) {
    guard let target = domain.target else { return }
    note("group \(group.number) to domain \(domain.number)")
    let before = domain.counters?[.attach]
    do throws(AttachError) {
      try inside(domain) { () throws(AttachError) in
        try group.group.attach(target.domain, on: cpu)
      }
      if group.domain != nil {
        fail(.oracle, "group \(group.number) was attached twice")
      }
      group.domain = domain
    } catch {
      note("threw \(error)")
      count(.notAttached)
      if error == .alreadyAttached && group.domain != nil { return }
      judge(error, group, domain)
    }
    if let before, let counters = domain.counters, counters[.attach] > before {
      mark(.attachLive)
    }
  }

  func replace(_ random: inout StepRandom, _ cpu: CPUIndex) -> Bool {
    guard let group = random.element(of: groups), let domain = random.element(of: domains),
      let target = domain.target
    else { return false }
    note("group \(group.number) to domain \(domain.number)")
    if group.domain.map({ !$0.held.isEmpty }) == true { mark(.movedLive) }
    do throws(AttachError) {
      try inside(domain) { () throws(AttachError) in
        try group.group.replace(with: target.domain, on: cpu)
      }
      group.domain = domain
    } catch {
      note("threw \(error)")
      count(.notAttached)
      group.domain = nil
      judge(error, group, domain)
    }
    expectDetached(group)
    return true
  }

  func detach(_ random: inout StepRandom, _ cpu: CPUIndex) -> Bool {
    guard let group = random.element(of: groups) else { return false }
    detach(group, cpu)
    return true
  }

  func detach(_ group: SimulatedGroup, _ cpu: CPUIndex) {
    note("group \(group.number)")
    inside(group.domain) { group.group.detach(on: cpu) }
    group.domain = nil
    expectDetached(group)
    for member in group.members where machine.functions[member.number].registration != nil {
      fail(.oracle, "function \(member.number) was detached and still translates")
    }
  }

  private func expectDetached(_ group: SimulatedGroup) {
    for function in group.members {
      guard case .stuck(let error) = function.member?.lastDetach else { continue }
      if !isAllowed(error) { fail(.error, "detaching ended with \(error)") }
    }
  }

  func release(_ random: inout StepRandom, _ cpu: CPUIndex) -> Bool {
    guard let function = random.element(of: functions), function.control != nil else {
      return false
    }
    release(function, cpu)
    return true
  }

  func release(_ function: SimulatedFunction, _ cpu: CPUIndex) {
    note("function \(function.number)")
    if let member = function.member {
      inside(function.group.domain) { function.group.group.release(member, on: cpu) }
    }
    function.group.members.removeAll { $0 === function }
    function.member = nil
    function.control = nil
    if machine.functions[function.number].registration != nil {
      fail(.oracle, "function \(function.number) was released and still translates")
    }
  }

  func probe(_ random: inout StepRandom, _ cpu: CPUIndex) -> Bool {
    guard let function = random.element(of: functions) else { return false }
    return probe(function, cpu)
  }

  /// Finds the function, brings it up and adds it to its group.
  @discardableResult
  func probe(_ function: SimulatedFunction, _ cpu: CPUIndex) -> Bool {
    if function.control != nil {
      // One that is gone has to be released before it is found anew.
      if function.control?.function.state != .gone { return false }
      release(function, cpu)
    }
    let number = function.number
    if machine.condition(of: number) == .permanentError { machine.deconfigure(number) }
    machine.configure(number)
    do {
      guard let entry = try bus.find(functionID: UInt32(number + 1), on: cpu) else {
        note("function \(number) is not there")
        count(.function)
        return true
      }
      let found = try bus.function(
        entry, trust: plan.isTrusted[number] ? .trusted : .untrusted, on: cpu)
      let control = SimulatedControl(found, bug: options.bug)
      if found.state == .configured { try found.enable(on: cpu) }
      try found.recover(on: cpu)
      function.control = control
      bringUp(function, cpu)
    } catch {
      // The device went away again, or fails: it is looked for another time.
      note("threw \(error)")
      count(.function)
      return true
    }
    add(function, cpu)
    return true
  }

  private func add(_ function: SimulatedFunction, _ cpu: CPUIndex) {
    guard let control = function.control else { return }
    let group = function.group
    let member = DMADevice(control: control)
    note("function \(function.number) to group \(group.number)")
    do throws(AttachError) {
      try inside(group.domain) { () throws(AttachError) in
        try group.group.add(member, on: cpu)
      }
      function.member = member
      group.members.append(function)
    } catch {
      note("threw \(error)")
      count(.notAttached)
      function.control = nil
      if let domain = group.domain { judge(error, group, domain, joining: function) }
    }
  }

  /// Lets the device do DMA, as its driver does first of all.
  private func bringUp(_ function: SimulatedFunction, _ cpu: CPUIndex) {
    do throws(PCIAccessError) {
      try function.control?.function.writeConfiguration(6, offset: 4, width: 2, on: cpu)
    } catch {
      note("threw \(error)")
      count(.function)
    }
  }

  func recover(_ random: inout StepRandom, _ cpu: CPUIndex) -> Bool {
    guard let function = random.element(of: functions) else { return false }
    return recover(function, cpu)
  }

  @discardableResult
  func recover(_ function: SimulatedFunction, _ cpu: CPUIndex) -> Bool {
    guard let control = function.control else { return false }
    if machine.condition(of: function.number) == .enabled { return false }
    note("function \(function.number), \(machine.condition(of: function.number))")
    do throws(ZPCIError) {
      try inside(function.group.domain) { () throws(ZPCIError) in
        try control.function.recover(on: cpu)
      }
      bringUp(function, cpu)
    } catch {
      note("threw \(error)")
      count(.function)
    }
    return true
  }

  /// Takes the whole group down, disables and enables its functions, and brings it back.
  func reset(_ random: inout StepRandom, _ cpu: CPUIndex) -> Bool {
    guard let group = random.element(of: groups) else { return false }
    let domain = group.domain
    detach(group, cpu)
    for function in group.members {
      guard let control = function.control else { continue }
      do throws(ZPCIError) {
        if control.function.state != .configured { try control.function.disable(on: cpu) }
        try control.function.enable(on: cpu)
        bringUp(function, cpu)
      } catch {
        note("threw \(error)")
        count(.function)
      }
    }
    if let domain { attach(group, to: domain, cpu) }
    return true
  }

  // MARK: Errors that are allowed

  private func judge(
    _ error: AttachError, _ group: SimulatedGroup, _ domain: SimulatedDomain,
    joining: SimulatedFunction? = nil
  ) {
    let functions = joining.map { [$0] } ?? group.members
    switch error {
    case .control(.functionGone), .control(.functionInError):
      if functions.contains(where: { machine.condition(of: $0.number) != .enabled }) { return }
    case .control(.refused(conditionCode: 3, _)):
      // It was disabled, and could not be enabled again.
      if functions.contains(where: { $0.control?.function.state != .enabled }) { return }
    case .control(let control):
      if isAllowed(control) { return }
      if control == .unsupported && domain.isIdentity { return }
    case .mayNotDefer:
      if functions.contains(where: { !plan.isTrusted[$0.number] }) { return }
    case .aperture, .tooManyDevices, .alreadyAttached, .released: break
    }
    fail(.error, "attaching ended with \(error), which nothing explains")
  }
}
