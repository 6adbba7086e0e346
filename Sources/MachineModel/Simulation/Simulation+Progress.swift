import IOMMU

/// Without faults everything has to work, whatever went wrong before.
extension Simulation {
  /// Ends all faults, brings back what failed, and expects that everything works.
  func heal() {
    disarm()
    enter(.boot)
    // A transfer that comes late may find its mapping gone, and put its function into error state.
    if functions.contains(where: { $0.device.isBusy }) { pass(4_000_000, .boot) }
    for function in functions where failure == nil { heal(function) }
    for group in groups where failure == nil { heal(group) }
    for domain in domains where failure == nil { expectReach(of: domain) }
    if step < options.operations, let domain = domains.first(where: { isUsedUp($0) }) {
      renew(domain)
    }
  }

  /// Whether quarantine has taken so much that little can go on.
  private func isUsedUp(_ domain: SimulatedDomain) -> Bool {
    guard let target = domain.target, !domain.isIdentity else { return false }
    return target.books.quarantinedPages * 4 > domain.plan.capacity
  }

  /// Ends the domain with all that is in it, and begins another in its place.
  private func renew(_ domain: SimulatedDomain) {
    exhaust(domain)
    let others = groups.filter { $0.domain === domain || $0.defaultDomain === domain }
    for group in others where failure == nil { close(group) }
    if failure == nil { destroy(domain, .boot) }
    if failure != nil { return }
    var random = StepRandom(seed: ~options.seed, step: step)
    makeDomain(&random)
    for group in others {
      guard let domain = domains.last else { return }
      group.defaultDomain = domain
      group.domain = domain
      group.group = DeviceGroup(defaultDomain: domain.target?.domain)
    }
    for function in functions where failure == nil { heal(function) }
  }

  private func heal(_ group: SimulatedGroup) {
    endUse(of: group)
    if group.owner != nil { giveBack(group, .boot) }
    if group.domain != nil { return }
    for domain in domains where group.domain == nil { attach(group, to: domain, .boot) }
    if group.domain != nil || isPinningLimited { return }
    if group.members.contains(where: { !plan.isTrusted[$0.number] }) { return }
    fail(.progress, "group \(group.number) cannot be attached to any domain")
  }

  /// Every mapping that was announced can be used by every device.
  private func expectReach(of domain: SimulatedDomain) {
    checkBooks(of: domain)
    checkWholeTable(of: domain)
    if domain.isIdentity { return }
    for function in functions
    where function.group.domain === domain && isMember(function) && failure == nil {
      for holding in domain.held where holding.isUsable && failure == nil {
        let range = holding.device.aligned(to: .fourKiB)
        access(
          function,
          SimulatedDevice.Command(
            iova: range.first, value: UInt64(holding.place), isWrite: holding.allowsWrite),
          isLate: false)
        access(
          function,
          SimulatedDevice.Command(
            iova: IOVA(range.last.rawValue - 7), value: 0, isWrite: false), isLate: false)
      }
    }
  }

  /// The end: everything is handed back, and everything works once more on the way.
  func finish() {
    kind = .destroyDomain
    isQuiet = true
    heal()
    for domain in domains where failure == nil { exhaust(domain) }
    check(instructionsSince: machine.faults.instructions, at: latestTime)
    for group in groups where failure == nil { close(group) }
    for domain in domains where failure == nil { destroy(domain, .boot) }
    if failure != nil { return }
    machine.shutDown()
    let tables = machine.memory.tableBytesInUse
    if tables != 0 { fail(.leak, "\(tables) bytes of tables were never given back") }
    let bytes = machine.memory.bufferBytesInUse
    if bytes != bufferBytes {
      fail(.leak, "\(bytes) bytes of buffers are in use, \(bufferBytes) should be")
    }
    if machine.programChecks > 0 { fail(.instruction, "an instruction had a malformed operand") }
  }

  /// The group is not needed any more, and lets go of its default domain.
  private func close(_ group: SimulatedGroup) {
    endUse(of: group)
    if group.owner != nil { giveBack(group, .boot) }
    for function in functions where function.group === group && function.control != nil {
      release(function, .boot)
    }
    detach(group, .boot)
    group.group = DeviceGroup()
    group.defaultDomain = nil
  }
}
