import IOMMU

/// Without faults everything has to work, whatever went wrong before.
extension Simulation {
  /// Ends all faults, brings back what failed, and expects that everything works.
  func heal() {
    disarm()
    enter(.boot)
    for function in functions where failure == nil { heal(function) }
    for group in groups where failure == nil { heal(group) }
    for domain in domains where failure == nil { expectReach(of: domain) }
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
    let before = machine.faults.instructions
    for domain in domains where failure == nil { exhaust(domain) }
    check(instructionsSince: max(before, machine.faults.instructions &- 1))
    for function in functions where failure == nil && function.control != nil {
      release(function, .boot)
    }
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
    detach(group, .boot)
    group.group = DeviceGroup()
    group.defaultDomain = nil
  }
}
