import IOMMU
import ZPCI

/// Functions that come, go and fail.
extension Simulation {
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
      let outcome = inside(function.group.domain) {
        function.group.group.release(member, on: cpu)
      }
      if case .stuck(let error) = outcome {
        // One refusal at a time is let happen, so that the reset cannot fail as well.
        fail(.oracle, "function \(function.number) was released and is stuck: \(error)")
      }
      if member.state != .released { fail(.oracle, "a released device is \(member.state)") }
    }
    function.group.members.removeAll { $0 === function }
    function.member = nil
    function.control = nil
    let model = machine.functions[function.number]
    if model.registration != nil && model.condition == .enabled {
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
    if let control = function.control {
      // One that is gone has to be released before it is found anew.
      if control.function.state != .gone { return false }
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
    } catch {
      // The device went away again, or fails: it is looked for another time.
      note("threw \(error)")
      count(.function)
      return true
    }
    bringUp(function, cpu)
    add(function, cpu)
    return true
  }

  private func add(_ function: SimulatedFunction, _ cpu: CPUIndex) {
    guard let control = function.control else { return }
    let group = function.group
    let member = DMADevice(control: control)
    note("function \(function.number) to group \(group.number)")
    var failure: AttachError?
    do throws(AttachError) {
      try inside(group.domain) { () throws(AttachError) in
        try group.group.add(member, on: cpu)
      }
    } catch {
      failure = error
      didNot(error, group)
    }
    if member.state.isMember {
      function.member = member
      group.members.append(function)
    } else {
      function.control = nil
      if failure == nil { fail(.oracle, "function \(function.number) was added and is no member") }
    }
    if let failure { judge(failure, group, group.domain, joining: function) }
    expectStates(of: group)
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
    let isWell =
      machine.condition(of: function.number) == .enabled && function.member?.state == .attached
    if isWell && !random.oneIn(8) { return false }
    return revive(function, byReset: false, cpu)
  }

  func reset(_ random: inout StepRandom, _ cpu: CPUIndex) -> Bool {
    guard let function = random.element(of: functions) else { return false }
    return revive(function, byReset: true, cpu)
  }

  /// Recovers or resets the device, as whoever has its group.
  @discardableResult
  func revive(_ function: SimulatedFunction, byReset: Bool, _ cpu: CPUIndex) -> Bool {
    guard let member = function.member else { return false }
    let group = function.group
    note(
      "function \(function.number), \(machine.condition(of: function.number)), "
        + "\(member.state)")
    do throws(AttachError) {
      try inside(group.domain) { () throws(AttachError) in
        switch (group.owner == nil, byReset) {
        case (true, false): try group.group.recover(member, on: cpu)
        case (true, true): try group.group.reset(member, on: cpu)
        case (false, false): try group.owner?.recover(member, on: cpu)
        case (false, true): try group.owner?.reset(member, on: cpu)
        }
      }
      bringUp(function, cpu)
    } catch {
      didNot(error, group)
      judge(error, group, group.domain, joining: function)
    }
    expectStates(of: group)
    return true
  }

  /// Brings a function back to work, by all means there are.
  func heal(_ function: SimulatedFunction) {
    let number = function.number
    let condition = machine.condition(of: number)
    let isLost =
      condition == .reserved || condition == .standby || condition == .permanentError
      || function.member?.state == .gone || function.control?.function.state == .gone
    if isLost && function.control != nil { release(function, .boot) }
    if function.control == nil {
      // The first attempt may find that its device had gone.
      for _ in 0..<2 where function.control == nil { probe(function, .boot) }
    } else if condition != .enabled || function.member?.state != .attached {
      let isReset = condition == .configured || function.member?.state == .stuck
      revive(function, byReset: isReset || number % 2 == 1, .boot)
    }
    if failure != nil || mayStayOut(function) { return }
    if function.control == nil {
      fail(.progress, "function \(number) cannot be brought back")
    } else if machine.condition(of: number) != .enabled {
      fail(.progress, "function \(number) is \(machine.condition(of: number)) after its recovery")
    } else if function.group.domain != nil && function.member?.state != .attached {
      fail(
        .progress,
        "function \(number) is \(function.member?.state ?? .probed) in a group with a domain")
    }
  }

  /// Whether something other than a fault may keep the function from its domain.
  private func mayStayOut(_ function: SimulatedFunction) -> Bool {
    isPinningLimited || !plan.isTrusted[function.number]
  }
}
