import IOMMU

/// Mapping, announcing, taking back.
extension Simulation {
  /// A domain, mostly one with devices in it.
  func workingDomain(_ random: inout StepRandom) -> SimulatedDomain? {
    let first = random.element(of: domains)
    if let first, hasDevices(first) || random.oneIn(8) { return first }
    return domains.first { hasDevices($0) }
  }

  /// Whether so much is mapped that another mapping hardly fits; then it is mostly not tried.
  private func isFull(_ domain: SimulatedDomain, _ random: inout StepRandom) -> Bool {
    if domain.isIdentity { return domain.held.count > 200 }
    let books = domain.oracle.books
    let live = books.pagesMapped - books.pagesUnmapped
    return live * 8 > UInt64(domain.oracle.pages.count) * 6 && !random.oneIn(8)
  }

  /// The pages of the largest mappings to try: mostly such as fit several times.
  private func reach(of domain: SimulatedDomain, _ random: inout StepRandom) -> Int {
    let pages = domain.oracle.pages.count
    return random.oneIn(12) ? pages + 1 : max(pages / 4, 1)
  }

  func map(_ random: inout StepRandom, _ cpu: CPUIndex) -> Bool {
    guard let domain = workingDomain(&random), let target = domain.target,
      !isFull(domain, &random)
    else { return false }
    map(
      buffer(&random, pagesMax: reach(of: domain, &random)), Self.direction(&random), domain,
      target, cpu)
    return true
  }

  func map(
    _ buffer: PhysicalRange, _ direction: ReplayDirection, _ domain: SimulatedDomain,
    _ target: any SimulatedTarget, _ cpu: CPUIndex
  ) {
    note("\(bytes(buffer)) in domain \(domain.number), \(direction), cpu \(cpu.rawValue)")
    do throws(MapError) {
      let token = try inside(domain) { () throws(MapError) in
        try target.map(buffer, direction, on: cpu)
      }
      take(
        token, in: domain, kind: .mapping, buffers: [buffer], direction: direction, cpu: cpu)
    } catch {
      didNotMap(error, domain)
    }
  }

  func mapList(_ random: inout StepRandom, _ cpu: CPUIndex) -> Bool {
    guard let domain = workingDomain(&random), let target = domain.target, !domain.isIdentity,
      !isFull(domain, &random)
    else { return false }
    let number = random.oneIn(50) ? 0 : 1 + random.below(random.oneIn(8) ? 24 : 6)
    let most = random.oneIn(4) ? reach(of: domain, &random) : 12
    let buffers = (0..<number).map { _ in buffer(&random, pagesMax: most) }
    let direction = Self.direction(&random)
    let room = random.oneIn(10) ? 1 + random.below(4) : 256
    note("\(buffers.map(bytes)) in domain \(domain.number), \(direction), cpu \(cpu.rawValue)")
    let tables = machine.faults.tableAllocations
    do throws(MapError) {
      let token = try inside(domain) { () throws(MapError) in
        try target.mapList(buffers, direction, room: room, on: cpu)
      }
      take(
        token, in: domain, kind: .list, buffers: buffers, direction: direction, cpu: cpu)
    } catch {
      if case .noMemory = error, machine.faults.tableAllocations > tables + 1 {
        mark(.listWithoutTable)
      }
      didNotMap(error, domain)
    }
    return true
  }

  func didNotMap(
    _ error: MapError, _ domain: SimulatedDomain, coherentBytes: UInt64 = 0
  ) {
    if case .control = error {
      // Some of the pages may have been taken up, and stay so until they are invalidated.
      domain.oracle.hasFailedMaps = true
      if coherentBytes > 0 && machine.memory.bufferBytesInUse == bufferBytes + coherentBytes {
        // A buffer that a device may still reach is never given back.
        bufferBytes += coherentBytes
        mark(.keptBuffer)
      }
    }
    judge(error, in: domain, coherent: coherentBytes > 0)
    expectUnchanged(domain)
  }

  /// Holds what was answered against what was asked for.
  func take(
    _ token: consuming SimulatedToken, in domain: SimulatedDomain, kind: SimulatedHolding.Kind,
    buffers: [PhysicalRange], direction: ReplayDirection, cpu: CPUIndex
  ) {
    let holding = SimulatedHolding(
      token, kind: kind, allowsWrite: direction != .toDevice, cpu: cpu,
      isUsable: kind == .coherent || !domain.isBatched)
    note("got \(holding.device.first.hex)…\(holding.device.last.hex)")
    if domain.isIdentity {
      domain.oracle.books.maps += 1
      domain.oracle.books.live += 1
    } else {
      var frames: [UInt32] = []
      for buffer in buffers {
        let first = UInt32(truncatingIfNeeded: buffer.first.rawValue >> 12)
        let count = UInt32(truncatingIfNeeded: buffer.pageCount(of: .fourKiB).rawValue)
        frames += first..<first + count
      }
      let problem = domain.oracle.take(
        holding.device, frames: frames, allowsWrite: holding.allowsWrite,
        holder: domain.nextPlace)
      if let problem { fail(.oracle, problem) }
      expectLimits(holding.device, domain, kind)
    }
    let offset = buffers[0].first.rawValue & 0xfff
    if kind != .list && holding.device.first.rawValue & 0xfff != offset {
      fail(.oracle, "\(holding.device.first.hex) is not \(offset) bytes into a page")
    }
    domain.hold(holding)
  }

  /// What the device's limits say of addresses.
  private func expectLimits(
    _ device: IOVARange, _ domain: SimulatedDomain, _ kind: SimulatedHolding.Kind
  ) {
    let limits = domain.plan.options.limits
    let pages = device.aligned(to: .fourKiB)
    if pages.last.rawValue > limits.mask | 0xfff {
      fail(.oracle, "\(pages.last.hex) is beyond the device's mask")
    }
    let mask = limits.segmentBoundaryMask
    if kind != .list && pages.first.rawValue & ~mask != pages.last.rawValue & ~mask {
      fail(.oracle, "\(pages.first.hex) to \(pages.last.hex) crosses the device's boundary")
    }
  }

  func synchronize(_ random: inout StepRandom, _ cpu: CPUIndex) -> Bool {
    guard let domain = random.element(of: domains), let target = domain.target else {
      return false
    }
    synchronize(domain, target, cpu)
    return true
  }

  func synchronize(_ domain: SimulatedDomain, _ target: any SimulatedTarget, _ cpu: CPUIndex) {
    note("domain \(domain.number), cpu \(cpu.rawValue)")
    var isDone = true
    do throws(MapError) {
      try inside(domain) { () throws(MapError) in try target.synchronize(on: cpu) }
    } catch {
      isDone = false
      count(.notSynchronized)
      judge(error, in: domain)
    }
    if !domain.isBatched { return }
    for holding in domain.held where !holding.isUsable && holding.cpu == cpu {
      if isDone && !holding.isBroken { holding.isUsable = true }
      if !isDone { holding.isBroken = true }
    }
  }

  func unmap(_ random: inout StepRandom, _ cpu: CPUIndex, coherent: Bool) -> Bool {
    guard let domain = random.element(of: domains), let target = domain.target else {
      return false
    }
    // Now and then many at once, so that apertures are not full all the time.
    var rest = random.oneIn(6) ? 1 + random.below(domain.held.count) : 1
    var isDone = false
    while rest > 0, let holding = random.element(of: domain.held) {
      rest -= 1
      if (holding.kind == .coherent) != coherent { continue }
      if isDone { enter(cpu) }
      unmap(holding, domain, target, cpu)
      isDone = true
    }
    return isDone
  }

  func unmap(
    _ holding: SimulatedHolding, _ domain: SimulatedDomain, _ target: any SimulatedTarget,
    _ cpu: CPUIndex
  ) {
    note(
      "\(holding.device.first.hex)…\(holding.device.last.hex) in domain \(domain.number), "
        + "cpu \(cpu.rawValue)")
    if cpu != holding.cpu { mark(.otherProcessor) }
    guard let token = holding.take() else { return }
    let memory = holding.coherentMemory
    takeBack(token, domain, target, cpu)
    didTakeBack(holding, domain)
    // Memory that a device may still reach is never given back.
    if let memory, machine.memory.bufferBytesInUse < bufferBytes {
      bufferBytes -= Self.coherentBytes(memory)
    }
  }

  private func takeBack(
    _ token: consuming SimulatedToken, _ domain: SimulatedDomain,
    _ target: any SimulatedTarget, _ cpu: CPUIndex
  ) {
    let outer = router.current
    router.current = domain.checkers
    isInside = true
    target.takeBack(token, on: cpu)
    isInside = false
    router.current = outer
  }

  private func didTakeBack(_ holding: SimulatedHolding, _ domain: SimulatedDomain) {
    if domain.isIdentity {
      domain.oracle.books.unmaps += 1
      domain.oracle.books.live -= 1
    } else {
      domain.oracle.give(holding.device)
    }
    domain.letGo(holding)
  }

  func drop(_ random: inout StepRandom, _ cpu: CPUIndex) -> Bool {
    guard let domain = random.element(of: domains), let holding = random.element(of: domain.held),
      !domain.isIdentity
    else { return false }
    note("\(holding.device.first.hex) of domain \(domain.number)")
    mark(.droppedToken)
    domain.oracle.drop(holding.device)
    domain.letGo(holding)
    let other = domains.first { $0 !== domain }
    guard let token = holding.take() else { return false }
    // Another domain does not know it, and so drops it.
    if let other, let target = other.target, random.oneIn(2) {
      takeBack(token, other, target, cpu)
    } else {
      _ = consume token
    }
    return true
  }

  // MARK: What is drawn

  /// A buffer with any first byte and any length, of up to so many pages.
  ///
  /// Half of the time it is one of a few that come again and again.
  private func buffer(_ random: inout StepRandom, pagesMax: Int) -> PhysicalRange {
    if random.oneIn(2) {
      return favourite(random.below(12), pagesMax: pagesMax)
    }
    return anyBuffer(&random, pagesMax: pagesMax)
  }

  /// One of the buffers that come again and again.
  func favourite(_ number: Int, pagesMax: Int) -> PhysicalRange {
    var again = StepRandom(seed: options.seed, step: -2 - number)
    return anyBuffer(&again, pagesMax: min(pagesMax, 6))
  }

  private func anyBuffer(_ random: inout StepRandom, pagesMax: Int) -> PhysicalRange {
    let pages = random.pages(most: min(pagesMax, plan.bufferPages))
    let first = random.below(plan.bufferPages - pages + 1)
    let offset = random.oneIn(3) ? random.below(4_096) : 0
    let end = random.oneIn(3) ? random.below(4_096 - (pages == 1 ? offset : 0)) : 0
    let start = buffers.first.rawValue + UInt64(first << 12 + offset)
    let byteCount = UInt64(max(pages << 12 - offset - end, 1))
    return PhysicalRange(first: PhysicalAddress(start), byteCount: byteCount) ?? buffers
  }

  static func direction(_ random: inout StepRandom) -> ReplayDirection {
    switch random.below(3) {
    case 0: .toDevice
    case 1: .fromDevice
    default: .bothWays
    }
  }

  private func bytes(_ buffer: PhysicalRange) -> String {
    "\(buffer.byteCountMinusOne + 1) bytes at \(buffer.first.hex)"
  }
}
