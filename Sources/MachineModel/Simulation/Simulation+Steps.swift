import IOMMU

extension Simulation {
  /// Does one step; false where there is nothing that it could be done to.
  func perform(_ kind: SimulatedKind, _ random: inout StepRandom, _ cpu: CPUIndex) -> Bool {
    switch kind {
    case .map: map(&random, cpu)
    case .mapList: mapList(&random, cpu)
    case .unmap: unmap(&random, cpu, coherent: false)
    case .churn: churn(&random)
    case .synchronize: synchronize(&random, cpu)
    case .allocateCoherent: allocateCoherent(&random, cpu)
    case .freeCoherent: unmap(&random, cpu, coherent: true)
    case .drop: drop(&random, cpu)
    case .access: accessLive(&random)
    case .accessStale: accessStale(&random)
    case .accessAny: accessAny(&random)
    case .transfer: transfer(&random, cpu)
    case .advance: advance(&random, cpu)
    case .flush: flush(&random, cpu)
    case .attach: attach(&random, cpu)
    case .detach: detach(&random, cpu)
    case .replace: replace(&random, cpu)
    case .claim: claim(&random, cpu)
    case .use: use(&random, cpu)
    case .release: release(&random, cpu)
    case .probe: probe(&random, cpu)
    case .reset: reset(&random, cpu)
    case .recover: recover(&random, cpu)
    case .createDomain: createDomain(&random, cpu)
    case .destroyDomain: destroyDomain(&random, cpu)
    case .outOfResources, .busy, .refuse, .noTable, .scarcity, .unplug, .fail, .delay:
      arm(kind, &random)
    }
  }

  /// Everything in place for the first step: functions found, a domain, groups in it.
  func begin() {
    var random = StepRandom(seed: options.seed, step: -1)
    makeDomain(&random)
    for group in groups where !random.oneIn(3) {
      group.defaultDomain = domains[0]
      group.domain = domains[0]
      group.group = DeviceGroup(defaultDomain: domains[0].target?.domain)
    }
    for function in functions { probe(function, .boot) }
    for group in groups where group.domain == nil { attach(group, to: domains[0], .boot) }
  }

  private func advance(_ random: inout StepRandom, _ cpu: CPUIndex) -> Bool {
    let scale = random.below(100)
    let longest = scale < 70 ? 50_000 : scale < 97 ? 3_000_000 : 2_000_000_000
    let time = latestTime + UInt64(random.below(longest))
    note("by \(time - latestTime) ns")
    pass(time - latestTime, cpu)
    return true
  }

  /// Lets time pass, and everything happen that is due.
  func pass(_ nanoseconds: UInt64, _ cpu: CPUIndex) {
    let time = latestTime + nanoseconds
    isInside = true
    machine.run(until: Instant(nanoseconds: time))
    isInside = false
    machine.timeline.enter(cpu)
    machine.timeline.wait(until: time)
  }

  private func flush(_ random: inout StepRandom, _ cpu: CPUIndex) -> Bool {
    guard let domain = random.element(of: domains), let target = domain.target else {
      return false
    }
    flush(domain, target, cpu)
    return true
  }

  func flush(_ domain: SimulatedDomain, _ target: any SimulatedTarget, _ cpu: CPUIndex) {
    let isDone = inside(domain) { target.flush(on: cpu) }
    note("domain \(domain.number) is flushed: \(isDone)")
    if isDone || armed.resources || armed.refusals || isPinningLimited { return }
    fail(.error, "a flush failed though nothing was to go wrong")
  }

  /// Whether the hypervisor may run out of pages that it can pin.
  var isPinningLimited: Bool { plan.machine.refresh.pinnedPagesMax != nil }

  // MARK: Errors that are allowed

  /// Ends the run unless `error` is one that a mapping may end with now.
  func judge(_ error: MapError, in domain: SimulatedDomain, coherent: Bool = false) {
    note("threw \(error)")
    switch error {
    case .noAddress:
      count(.noAddress)
      return
    case .noMemory:
      count(.noMemory)
      if armed.tables || coherent { return }
    case .control(let control):
      count(.notAnnounced)
      if isAllowed(control) { return }
    case .blocked:
      count(.blocked)
      if !hasDevices(domain) || isAnyStuck { return }
    case .badScatterList:
      count(.badScatterList)
      return
    case .unreachable:
      count(.unreachable)
      if domain.isIdentity { return }
    case .beyondFormat: break
    }
    fail(.error, "a mapping ended with \(error), which nothing explains")
  }

  /// Whether an invalidation may end so now.
  func isAllowed(_ error: ControlError) -> Bool {
    switch error {
    case .outOfResources: armed.resources || isPinningLimited
    case .refused(let conditionCode, _): armed.refusals && conditionCode == 2
    case .functionGone, .functionInError, .unsupported, .alreadyEnabled: false
    }
  }

  /// The number of devices of the domain's groups in a state.
  func devices(of domain: SimulatedDomain, in state: DeviceState) -> Int {
    var count = 0
    for group in groups where group.domain === domain {
      for function in group.members where function.member?.state == state { count += 1 }
    }
    return count
  }

  /// Whether anything can be mapped in the domain.
  func hasDevices(_ domain: SimulatedDomain) -> Bool {
    devices(of: domain, in: .attached) > 0 || devices(of: domain, in: .pending) > 0
      || isAnyStuck
  }

  /// Whether some device is in another domain than its group.
  var isAnyStuck: Bool { functions.contains { $0.member?.state == .stuck } }
}
