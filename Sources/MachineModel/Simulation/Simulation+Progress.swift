import IOMMU
import ZPCI

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

  private func heal(_ function: SimulatedFunction) {
    let number = function.number
    if let control = function.control {
      let isLost =
        control.function.state == .gone || control.function.state == .configured
        || machine.condition(of: number) == .reserved
        || machine.condition(of: number) == .permanentError
      if isLost { release(function, .boot) } else { recover(function, .boot) }
    }
    if function.control == nil {
      // One attempt may find that the one before had gone.
      for _ in 0..<2 where function.control == nil { probe(function, .boot) }
    }
    if function.control == nil && plan.isTrusted[number] {
      if isPinningLimited { return detachAll(function.group, number) }
      fail(.progress, "function \(number) cannot be brought back")
    } else if machine.condition(of: number) != .enabled && plan.isTrusted[number] {
      fail(.progress, "function \(number) is \(machine.condition(of: number)) after its recovery")
    }
  }

  /// Where few pages can be pinned, a domain may have more than a new device can take.
  private func detachAll(_ group: SimulatedGroup, _ number: Int) {
    detach(group, .boot)
    for _ in 0..<2 { probe(functions[number], .boot) }
    if functions[number].control == nil {
      fail(.progress, "function \(number) cannot be brought back")
    }
  }

  private func heal(_ group: SimulatedGroup) {
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
    for domain in domains where failure == nil { destroy(domain, .boot) }
    for function in functions where failure == nil && function.control != nil {
      release(function, .boot)
    }
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

  /// Hands everything back, flushes, and takes every page of the aperture once: what is missing
  /// must be in quarantine.
  private func exhaust(_ domain: SimulatedDomain) {
    guard let target = domain.target, !domain.isIdentity else { return }
    while let holding = domain.held.last { unmap(holding, domain, target, .boot) }
    flush(domain, target, .boot)
    if devices(of: domain) == 0 || failure != nil { return }
    mapLongest(domain, target)
    let limited = plan.machine.refresh.pinnedPagesMax ?? .max
    let mask = domain.plan.options.limits.mask
    let reachable = domain.oracle.pages.indices.filter {
      domain.oracle.address($0).rawValue | 0xfff <= mask
    }
    var count: UInt64 = 0
    let page = PhysicalRange(first: buffers.first, byteCount: 4_096) ?? buffers
    while count < limited && failure == nil {
      do throws(MapError) {
        let token = try inside(domain) { () throws(MapError) in
          try target.map(page, .toDevice, on: .boot)
        }
        take(token, in: domain, kind: .mapping, buffers: [page], direction: .toDevice, cpu: .boot)
        count += 1
      } catch {
        if case .control(.outOfResources) = error, isPinningLimited { break }
        guard case .noAddress = error else {
          return fail(.progress, "a mapping ended with \(error) without faults")
        }
        break
      }
    }
    mark(.filled)
    let missing = UInt64(reachable.count) - min(count, UInt64(reachable.count))
    let explained = target.books.quarantinedPages
    if missing > explained && count < limited && !isPinningLimited && mask == .max {
      fail(
        .progress,
        "domain \(domain.number) handed out \(count) of \(reachable.count) pages, and "
          + "\(explained) are in quarantine")
    }
    while let holding = domain.held.last { unmap(holding, domain, target, .boot) }
    flush(domain, target, .boot)
  }

  /// With nothing mapped and nothing in quarantine, a mapping may be as large as the aperture.
  private func mapLongest(_ domain: SimulatedDomain, _ target: any SimulatedTarget) {
    let limits = domain.plan.options.limits
    if target.books.quarantinedPages > 0 || limits.mask != .max
      || limits.segmentBoundaryMask != .max || isPinningLimited
    {
      return
    }
    let pages = min(domain.oracle.pages.count, plan.bufferPages)
    guard let whole = PhysicalRange(first: buffers.first, byteCount: UInt64(pages) << 12) else {
      return
    }
    do throws(MapError) {
      let token = try inside(domain) { () throws(MapError) in
        try target.map(whole, .bothWays, on: .boot)
      }
      take(token, in: domain, kind: .mapping, buffers: [whole], direction: .bothWays, cpu: .boot)
    } catch {
      return fail(.progress, "\(pages) pages, all there are, could not be mapped: \(error)")
    }
    while let holding = domain.held.last { unmap(holding, domain, target, .boot) }
    flush(domain, target, .boot)
  }
}
