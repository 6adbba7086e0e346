import IOMMU
import Workloads

/// Domains that begin and end.
extension Simulation {
  func createDomain(_ random: inout StepRandom, _ cpu: CPUIndex) -> Bool {
    if domains.count >= plan.domainsMax { return false }
    makeDomain(&random)
    return true
  }

  func makeDomain(_ random: inout StepRandom) {
    let drawn = DomainPlan(&random, plan.machine, options.policies)
    let isIdentity = drawn.choice.policy == .identity
    let schemes = SchemeChoice(
      policy: drawn.choice.policy, aperture: drawn.aperture, cpus: plan.machine.cpus,
      kernel: drawn.kernel, cost: plan.machine.invalidationCost)
    let checkers = CheckerSuite(
      aperture: isIdentity ? machine.aperture : drawn.aperture,
      functions: functions.map(\.number), promise: promise(schemes), isIdentity: isIdentity,
      probe: machine)
    for function in functions where machine.condition(of: function.number) != .enabled {
      checkers.functionConditionChanged(
        function: function.number, from: .enabled, to: machine.condition(of: function.number),
        time: machine.currentTime)
    }
    let domain = SimulatedDomain(
      number: domainsMade, plan: drawn, checkers: checkers, timer: MachineTimer(machine: machine))
    domainsMade += 1
    router.add(checkers)
    note("domain \(domain.number): \(drawn)")
    do {
      domain.target = try inside(domain) {
        try schemes.accept(SimulatedMaker(simulation: self, domain: domain))
          ?? identity(domain)
      }
    } catch {
      note("threw \(error)")
      router.remove(checkers)
      count(.noMemory)
      if !armed.tables { fail(.error, "a domain could not be made: \(error)") }
      return
    }
    report.policies[Self.number(of: drawn.choice.policy)] += 1
    report.modifiers[Int(drawn.choice.modifiers.rawValue)] += 1
    handleTimers(of: domain)
    domains.append(domain)
  }

  /// What the policy can keep: a bound in time needs invalidations that do not fail, and that do
  /// not take longer themselves than the bound allows for.
  private func promise(_ schemes: SchemeChoice) -> StalePromise {
    guard case .within = schemes.promise, !plan.keepsBounds else { return schemes.promise }
    return .untilInvalidation
  }

  private func identity(_ domain: SimulatedDomain) throws -> any SimulatedTarget {
    let identity = try IdentityDomain<SimulatedPlatform>(
      memory: machine.memory, observer: domain.checkers, processors: plan.machine.cpus,
      limits: DeviceLimits(mask: machine.aperture.last.rawValue),
      offset: plan.machine.apertureFirst)
    return SimulatedIdentity(
      identity, offset: plan.machine.apertureFirst, aperture: machine.aperture)
  }

  private func handleTimers(of domain: SimulatedDomain) {
    if options.bug == .losesTimers { return }
    domain.timer.handle { [unowned self, weak domain] purpose, cpu in
      guard let domain, let target = domain.target else { return }
      let outer = self.router.current
      self.router.current = domain.checkers
      target.timerFired(purpose, on: cpu)
      self.router.current = outer
    }
  }

  func destroyDomain(_ random: inout StepRandom, _ cpu: CPUIndex) -> Bool {
    if domains.count < 2 { return false }
    guard let domain = random.element(of: domains) else { return false }
    destroy(domain, cpu)
    return true
  }

  /// Empties the domain, takes its devices away and lets it go; nothing may be left of it.
  func destroy(_ domain: SimulatedDomain, _ cpu: CPUIndex) {
    if isAnyStuck || !empty(domain, cpu) { return }
    let checkers = domain.checkers
    let place = domain.target.map { WeakDomain($0.domain) }
    inside(domain) { domain.target = nil }
    if place?.domain != nil {
      fail(.leak, "domain \(domain.number) lives on, and nobody should have it")
    }
    checkers.expectNoTables()
    if let violation = checkers.log.first.first {
      fail(.promise(violation.promise), violation.message)
    }
    router.remove(checkers)
    domains.removeAll { $0 === domain }
  }

  /// False where the domain cannot end yet, because someone has its group.
  private func empty(_ domain: SimulatedDomain, _ cpu: CPUIndex) -> Bool {
    guard let target = domain.target else { return false }
    if groups.contains(where: { $0.defaultDomain === domain }) { return false }
    if groups.contains(where: { $0.domain === domain && $0.use != nil }) { return false }
    note("domain \(domain.number)")
    for group in groups where group.domain === domain { detach(group, cpu) }
    if isAnyStuck { return false }
    while let holding = domain.held.last {
      enter(cpu)
      unmap(holding, domain, target, cpu)
    }
    checkBooks(of: domain)
    expectNothing(of: domain)
    collectMarks(of: domain)
    domain.timer.handle(nil)
    domain.checkers.expectBalance(
      live: domain.oracle.books.live, held: 0, quarantined: target.books.quarantinedRanges)
    return true
  }

  /// No function that no other domain has reaches anything.
  private func expectNothing(of domain: SimulatedDomain) {
    for function in functions where router.isRegistered(function.number, for: domain.checkers) {
      fail(.oracle, "function \(function.number) translates for a domain that nobody is in")
    }
    for function in functions where machine.functions[function.number].registration == nil {
      domain.checkers.expectNothingReachable(by: function.number)
    }
  }

  func collectMarks(of domain: SimulatedDomain) {
    mark(.failureQuarantine, domain.checkers.failedRanges)
    guard let counters = domain.counters else { return }
    mark(.exhaustionFlush, counters[.exhaustion])
    mark(.queueFull, counters[.queueFull])
    mark(.timeoutFlush, counters[.timeout])
    mark(.staleShare, counters[.staleShare])
    mark(.age, counters[.age])
    mark(.outOfResources, counters[.outOfResources])
    mark(.tables, counters[.tables])
    mark(.attachLive, counters[.attach])
    mark(.reuseHit, counters[.reuseHits])
    mark(.piggyback, counters[.piggybackedPages])
    mark(.absent, counters[.absentDevices])
    mark(.failedInvalidation, counters[.failures])
  }

  static func number(of policy: InvalidationPolicy) -> Int {
    switch policy {
    case .identity: 0
    case .strict: 1
    case .legacy: 2
    case .legacyStrict: 3
    case .queue: 4
    case .singleQueue: 5
    case .rollover(nil, nil): 6
    case .rollover(_?, nil): 7
    case .rollover(nil, _?): 8
    case .rollover(_?, _?): 9
    }
  }
}

/// Makes a domain of whatever scheme its policy needs.
private struct SimulatedMaker: SchemeVisitor {
  let simulation: Simulation
  let domain: SimulatedDomain

  func visit<Scheme: PricedScheme>(_ scheme: Scheme) throws -> any SimulatedTarget {
    if let bug = simulation.options.bug, bug.isInScheme {
      return try make(BuggyScheme(scheme, bug))
    }
    return try make(scheme)
  }

  private func make<Scheme: InvalidationScheme>(_ scheme: Scheme) throws -> any SimulatedTarget {
    let paging = try PagingDomain<SimulatedPlatform, Scheme>(
      scheme: scheme, memory: simulation.machine.memory, timer: domain.timer,
      observer: domain.checkers, options: domain.plan.options)
    domain.counters = paging.counters
    return SimulatedPaging(paging)
  }
}

/// Tells whether a domain is still there.
private struct WeakDomain {
  weak var domain: TranslationDomain<SimulatedControl>?

  init(_ domain: TranslationDomain<SimulatedControl>) {
    self.domain = domain
  }
}
