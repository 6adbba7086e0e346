import IOMMU
import InterleavingExplorer
import MachineModel
import ZPCI

/// A bench whose functions are in one group and one domain from the start.
final class AttachedBench<Scheme: InvalidationScheme> {
  typealias Control = ZPCIFunction<SharedMachine>

  let bench: ScenarioBench
  let domain: ScenarioDomain<Scheme>
  let group = DeviceGroup<Control>()
  let members: [DMADevice<Control>]
  private let buffers: [PhysicalRange]

  init(
    _ execution: Execution, functions: Int = 1, kind: TranslationKind = .shadowed,
    faults: FaultPlan = FaultPlan(), modifiers: PolicyModifiers = .none,
    emptyTableLimit: Int = 1_024, isAttached: Bool = true,
    scheme: (ScenarioBench) -> Scheme
  ) {
    let bench = ScenarioBench(execution, functions: functions, kind, faults: faults)
    self.bench = bench
    let scheme = scheme(bench)
    domain = bench.domain(
      scheme, promise: scheme.defersInvalidation ? .untilInvalidation : .atUnmap,
      modifiers: modifiers, emptyTableLimit: emptyTableLimit)
    buffers = (0..<3).map { _ in bench.buffer() }
    members = bench.functions.map { DMADevice(control: $0) }
    do throws(AttachError) {
      for member in members { try group.add(member, on: .boot) }
      if isAttached { try group.attach(domain.living, on: .boot) }
    } catch {
      preconditionFailure("the scenario's device cannot be attached: \(error)")
    }
  }

  var timer: ScenarioTimer { bench.timer }

  /// Maps buffer `number`, by default the processor's own, has the device write it, and unmaps it.
  func transfer(
    on cpu: Int, buffer number: Int? = nil, device: ScenarioDomain<Scheme>.DeviceUse = .writes
  ) {
    domain.transfer(buffers[number ?? cpu], on: cpu, device: device)
  }

  /// Maps buffer 0 in the set-up; gives tasks that take it back, and that map buffer 1 meanwhile.
  ///
  /// Two halves of a transfer rather than two transfers: everything that can go wrong between an
  /// unmap, a map and an invalidation does so here, in half as many steps.
  func raceUnmapAgainstMap(mapper: Int = 1) {
    let first = domain.map(buffers[0], on: 0)
    let second = Later()
    bench.execution.task("unmap") { [domain] in domain.unmap(first, on: 0) }
    bench.execution.task("map") { [domain, buffers] in
      second.held = domain.map(buffers[1], on: mapper)
    }
    bench.execution.atEnd { [domain] in
      if let held = second.held { domain.unmap(held, on: mapper) }
    }
  }

  /// Where a task puts what it has mapped.
  private final class Later {
    var held: HeldMapping?
  }

  /// Somebody wants everything invalidated.
  func flush(on cpu: Int = 1) {
    _ = domain.living.flushAll(.timeout, on: CPUIndex(cpu))
  }

  /// Blocks the devices at the end and checks that nothing is left.
  func finishAtEnd() {
    bench.execution.atEnd { [self] in
      group.blockForGood()
      domain.finish()
    }
  }
}

extension ScenarioBench {
  /// Linux's tree of addresses over the first `pages` pages.
  func tree(pages: UInt64) -> TreeAllocator {
    TreeAllocator(
      aperture: aperture(pages: pages), granule: .fourKiB, flavour: .linux6_12, cpus: 2,
      forceDAC: false, capacity: Int(pages) + 64)
  }
}

extension DeviceGroup {
  /// Blocks every device at the end of a scenario, where nobody owns the group any more.
  func blockForGood() {
    do throws(OwnershipError) {
      try detach(on: .boot)
    } catch {
      Execution.current?.report("blockedReach", "the group cannot be blocked: \(error)")
    }
  }
}
