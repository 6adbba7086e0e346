import IOMMU
import InterleavingExplorer
import MachineModel
import ZPCI

/// A bench with groups, devices and strict domains, whose life cycle the tasks drive.
///
/// Function number n belongs to device n, which is a member of group n, or of the only group. What
/// the tasks ask for may be refused, because another was quicker; it may never break a promise.
final class LifeCycleBench {
  typealias Control = ZPCIFunction<SharedMachine>
  typealias Scheme = StrictScheme<TreeAllocator>

  let bench: ScenarioBench
  let domains: [ScenarioDomain<Scheme>]
  let groups: [DeviceGroup<Control>]
  let devices: [DMADevice<Control>]
  private let buffers: [PhysicalRange]

  /// `members` devices join at once, all of them unless told otherwise; groups begin in domain 0
  /// where `isAttached`, as their default domain where `hasDefault`.
  init(
    _ execution: Execution, domains domainCount: Int = 1, isAttached: Bool,
    hasDefault: Bool = false, groups groupCount: Int = 1, functions: Int? = nil,
    members: Int? = nil, kind: TranslationKind = .shadowed
  ) {
    let count = functions ?? groupCount
    let bench = ScenarioBench(execution, functions: count, kind)
    self.bench = bench
    let domains = (0..<domainCount).map { _ in
      bench.domain(StrictScheme(allocator: bench.tree(pages: 4)), promise: .atUnmap)
    }
    self.domains = domains
    buffers = (0..<3).map { _ in bench.buffer() }
    groups = (0..<groupCount).map { _ in
      DeviceGroup(defaultDomain: hasDefault ? domains[0].domain : nil)
    }
    devices = bench.functions.map { DMADevice(control: $0) }
    do throws(AttachError) {
      for number in 0..<(members ?? count) { try group(of: number).add(devices[number], on: .boot) }
      if isAttached && !hasDefault {
        for group in groups { try group.attach(domains[0].living, on: .boot) }
      }
    } catch {
      preconditionFailure("the scenario's devices cannot be attached: \(error)")
    }
  }

  /// The first group, which is the only one in most scenarios.
  var group: DeviceGroup<Control> { groups[0] }

  func group(of number: Int) -> DeviceGroup<Control> {
    groups[min(number, groups.count - 1)]
  }

  // MARK: What tasks ask for

  /// Probes device `number` into its group.
  func probe(_ number: Int, on cpu: Int = 0) {
    attempt { () throws(AttachError) in
      try group(of: number).add(devices[number], on: CPUIndex(cpu))
    }
  }

  /// Attaches the first group to domain `number`.
  func attach(_ number: Int, on cpu: Int = 0) {
    guard let domain = domains[number].domain else { return }
    attempt { () throws(AttachError) in try group.attach(domain, on: CPUIndex(cpu)) }
  }

  /// Moves the first group to domain `number`.
  func replace(_ number: Int, on cpu: Int = 0) {
    guard let domain = domains[number].domain else { return }
    attempt { () throws(AttachError) in try group.replace(with: domain, on: CPUIndex(cpu)) }
  }

  /// Blocks the first group.
  func detach(on cpu: Int = 0) {
    do throws(OwnershipError) {
      try group.detach(on: CPUIndex(cpu))
    } catch {}
  }

  /// Releases device `number`: it reaches nothing from now on.
  func release(_ number: Int, on cpu: Int = 1) {
    group(of: number).release(devices[number], on: CPUIndex(cpu))
    expectBlocked(number)
  }

  /// Brings device `number` back from error state, where it is in one.
  func recover(_ number: Int, on cpu: Int = 1) {
    attempt { () throws(AttachError) in
      try group(of: number).recover(devices[number], on: CPUIndex(cpu))
    }
  }

  /// Resets device `number`.
  func reset(_ number: Int, on cpu: Int = 1) {
    attempt { () throws(AttachError) in
      try group(of: number).reset(devices[number], on: CPUIndex(cpu))
    }
  }

  /// A driver that maps, transfers and unmaps in domain `number`, as far as it gets.
  func transfer(in number: Int, on cpu: Int, function: Int = 0) {
    guard domains[number].domain != nil else { return }
    domains[number].transfer(
      buffers[cpu], on: cpu, function: function, device: .tries)
  }

  /// A flush of everything that walks the devices of domain `number`.
  func flush(_ number: Int, on cpu: Int = 1) {
    guard let domain = domains[number].domain else { return }
    if !domain.flushAll(.timeout, on: CPUIndex(cpu)) {
      bench.execution.report("progress", "a flush failed though no instruction was refused")
    }
  }

  /// A reference to domain `number` for one task, which lets go of it by itself.
  func reference(_ number: Int) -> DomainReference { DomainReference(domains[number].domain) }

  /// Lets go of domain `number`; whoever is inside it keeps it alive.
  func drop(_ number: Int) {
    // Counting references is the one thing here that no yield point tells of.
    YieldPoint.reached(.store)
    domains[number].drop()
  }

  /// Runs what may bring devices into a domain; afterwards they reach all that is mapped there.
  private func attempt(_ operation: () throws(AttachError) -> Void) {
    tellCheckers { $0.beginAttaching($1) }
    do throws(AttachError) {
      try operation()
    } catch {
      if case .stuck(let reason) = error {
        bench.execution.report("progress", "a device would not be blocked: \(reason)")
      }
    }
    tellCheckers { $0.endAttaching($1) }
    for domain in domains { domain.observer.reportViolations() }
  }

  private func tellCheckers(_ tell: (CheckerSuite, Int) -> Void) {
    bench.shared.exclusively { _ in
      for domain in domains {
        for number in devices.indices { tell(domain.observer.suite, number) }
      }
    }
  }

  // MARK: What must hold

  /// Expects that function `number` reaches nothing, in whatever domain.
  private func expectBlocked(_ number: Int) {
    let first = bench.machine.aperture.first
    if devices[number].state == .released, bench.reached(first, function: number) != nil {
      bench.execution.report(
        "blockedReach", "function \(number) was released and still reaches \(first)")
    }
  }

  /// Blocks everything at the end, destroys the domains, and checks that nothing is left.
  func finishAtEnd() {
    bench.execution.atEnd { [self] in
      for number in devices.indices { release(number) }
      for group in groups { group.blockForGood() }
      for domain in domains { domain.finish() }
      for domain in domains { domain.observer.suite.expectNoTables() }
      for domain in domains { domain.observer.reportViolations() }
    }
  }
}

/// A task's own reference to a domain.
final class DomainReference {
  private var domain: PagingDomain<ScenarioPlatform, LifeCycleBench.Scheme>?

  init(_ domain: PagingDomain<ScenarioPlatform, LifeCycleBench.Scheme>?) {
    self.domain = domain
  }

  /// Flushes everything, and lets go of the domain.
  func flush(on cpu: Int = 1) {
    guard let last = domain.take() else { return }
    _ = last.flushAll(.timeout, on: CPUIndex(cpu))
    YieldPoint.reached(.store)
  }
}
