import IOMMU
import ZPCI

/// Devices at work, and the oracle's judgement of what they reached.
extension Simulation {
  func accessLive(_ random: inout StepRandom) -> Bool {
    guard let domain = random.element(of: domains), let holding = random.element(of: domain.held)
    else { return false }
    return use(holding, of: domain, &random)
  }

  /// Has a device of the domain use the mapping; false where there is none.
  ///
  /// One that need not succeed yet may put the function into error state, so that is rare.
  @discardableResult
  func use(
    _ holding: SimulatedHolding, of domain: SimulatedDomain, _ random: inout StepRandom
  ) -> Bool {
    guard holding.isUsable || random.oneIn(20), let function = function(in: domain, &random) else {
      return false
    }
    let isWrite = holding.allowsWrite && random.oneIn(2)
    access(
      function,
      SimulatedDevice.Command(
        iova: place(in: holding.device, &random), value: random.word(), isWrite: isWrite),
      isLate: false)
    return true
  }

  func accessStale(_ random: inout StepRandom) -> Bool {
    guard let domain = random.element(of: domains), !domain.isIdentity,
      let function = function(in: domain, &random)
    else { return false }
    let index = random.below(domain.oracle.pages.count)
    let iova = IOVA(domain.oracle.address(index).rawValue + UInt64(random.below(512) * 8))
    access(
      function,
      SimulatedDevice.Command(iova: iova, value: random.word(), isWrite: random.oneIn(2)),
      isLate: false)
    return true
  }

  func accessAny(_ random: inout StepRandom) -> Bool {
    guard let function = random.element(of: functions) else { return false }
    if function.group.domain?.isIdentity == true { return false }
    let aperture = machine.aperture
    let span = Int(plan.machine.apertureBytes >> 3)
    let first = random.oneIn(4) ? 0 : aperture.first.rawValue
    let iova = IOVA(first + UInt64(random.below(span) * 8))
    access(
      function,
      SimulatedDevice.Command(iova: iova, value: random.word(), isWrite: random.oneIn(2)),
      isLate: false)
    return true
  }

  /// Has a driver write the command to the device's registers.
  func transfer(_ random: inout StepRandom, _ cpu: CPUIndex) -> Bool {
    guard let domain = random.element(of: domains), let holding = random.element(of: domain.held),
      let function = function(in: domain, &random), let control = function.control,
      holding.isUsable, !domain.isIdentity
    else { return false }
    let iova = place(in: holding.device, &random)
    let isWrite = holding.allowsWrite && random.oneIn(2)
    note("function \(function.number) is told to \(isWrite ? "write" : "read") \(iova.hex)")
    do throws(PCIAccessError) {
      try control.function.write64(iova.rawValue, bar: 0, offset: 0, on: cpu)
      try control.function.write64(random.word(), bar: 0, offset: 8, on: cpu)
      try control.function.write64(isWrite ? 2 : 1, bar: 0, offset: 16, on: cpu)
    } catch {
      count(.function)
    }
    return true
  }

  /// Any function that should be in the domain.
  private func function(
    in domain: SimulatedDomain, _ random: inout StepRandom
  ) -> SimulatedFunction? {
    let start = random.below(functions.count)
    for offset in 0..<functions.count {
      let function = functions[(start + offset) % functions.count]
      if function.group.domain === domain && isMember(function) { return function }
    }
    return nil
  }

  func isMember(_ function: SimulatedFunction) -> Bool {
    function.group.members.contains { $0 === function }
  }

  /// 8 bytes within one page of `device`.
  private func place(in device: IOVARange, _ random: inout StepRandom) -> IOVA {
    let range = device.aligned(to: .fourKiB)
    let page = random.below(Int(range.pageCount(of: .fourKiB).rawValue))
    return IOVA(range.first.rawValue + UInt64(page << 12 + random.below(4_089)))
  }

  /// Has the device do it now, and holds what came of it against the oracle.
  func access(
    _ function: SimulatedFunction, _ command: SimulatedDevice.Command, isLate: Bool
  ) {
    if !isLate { machine.timeline.synchronizeDevices() }
    let model = machine.functions[function.number]
    let isReady = model.condition == .enabled && model.configuration.value.isBusMaster
    let outcome = function.device.perform(command)
    report.accesses += 1
    note(
      "function \(function.number) \(command.isWrite ? "writes" : "reads") "
        + "\(command.iova.hex): \(outcome)")
    // What a stuck device reaches is its old domain's, and the checkers' to judge.
    let state = function.member?.state
    if state == .stuck { return }
    let domain = state == .attached ? function.group.domain : nil
    guard isReady, let domain else {
      if outcome != .refused && !isInside {
        fail(.oracle, "function \(function.number) is blocked and reached \(command.iova.hex)")
      }
      return
    }
    if domain.isIdentity { return judgeUntranslated(command, outcome, domain) }
    guard let index = domain.oracle.index(command.iova) else {
      if outcome != .refused {
        fail(.oracle, "\(command.iova.hex), outside the domain, was reached")
      }
      return
    }
    let page = domain.oracle.pages[index]
    if page.holder < 0 || page.isDropped {
      judgeStale(command, outcome, page, domain, isLate: isLate)
    } else if let holding = domain.holding(page.holder) {
      judgeLive(command, outcome, page, holding, domain)
    }
  }

  private func judgeLive(
    _ command: SimulatedDevice.Command, _ outcome: SimulatedDevice.Outcome,
    _ page: DomainOracle.Page, _ holding: SimulatedHolding, _ domain: SimulatedDomain
  ) {
    switch outcome {
    case .refused:
      if isInside || !holding.isUsable || command.isWrite && !page.allowsWrite { return }
      fail(.oracle, "\(command.iova.hex) is mapped and announced, and was refused")
    case .done(let value):
      if command.isWrite && !page.allowsWrite {
        return fail(.oracle, "\(command.iova.hex) is read-only and was written")
      }
      expectData(value, command, page)
    }
  }

  private func judgeStale(
    _ command: SimulatedDevice.Command, _ outcome: SimulatedDevice.Outcome,
    _ page: DomainOracle.Page, _ domain: SimulatedDomain, isLate: Bool
  ) {
    if isLate { mark(.lateTransfer) }
    guard case .done(let value) = outcome else {
      mark(.staleRefused)
      return
    }
    mark(.staleUse)
    // In the middle of a call only the checkers know how far it has come.
    if isInside || page.isDropped || domain.oracle.hasFailedMaps { return }
    if !domain.mayBeStale {
      return fail(.oracle, "\(command.iova.hex) is not mapped and was reached")
    }
    if page.frame == 0 {
      return fail(.oracle, "\(command.iova.hex) was never mapped and was reached")
    }
    expectData(value, command, page)
  }

  private func judgeUntranslated(
    _ command: SimulatedDevice.Command, _ outcome: SimulatedDevice.Outcome,
    _ domain: SimulatedDomain
  ) {
    let physical = command.iova.rawValue &- plan.machine.apertureFirst
    let isInside = physical <= plan.machine.memoryBytes - 8
    if isInside != (outcome != .refused) {
      fail(.oracle, "\(command.iova.hex) ended as \(outcome) without translation")
    }
  }

  /// What was moved is what lies in memory where the mapping says.
  private func expectData(
    _ value: UInt64, _ command: SimulatedDevice.Command, _ page: DomainOracle.Page
  ) {
    let physical = UInt64(page.frame) << 12 | command.iova.rawValue & 0xfff
    let found = UInt64(littleEndian: machine.memory.bytes.load64(physical))
    if found == value { return }
    fail(
      .oracle,
      "\(command.iova.hex) moved \(PhysicalAddress(value).hex), but at "
        + "\(PhysicalAddress(physical).hex) lies \(PhysicalAddress(found).hex)")
  }
}
