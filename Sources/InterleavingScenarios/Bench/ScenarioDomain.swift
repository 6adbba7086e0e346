import IOMMU
import InterleavingExplorer
import MachineModel
import ZPCI

/// A paging domain of a scenario with its checkers, and what drivers do with it.
final class ScenarioDomain<Scheme: InvalidationScheme> {
  typealias Domain = PagingDomain<ScenarioPlatform, Scheme>

  let bench: ScenarioBench
  let observer: ScenarioObserver
  /// The domain, until it is dropped.
  private(set) var domain: Domain?
  /// The mappings that are still out at the end.
  var held: UInt64 = 0

  init(
    _ bench: ScenarioBench, _ scheme: Scheme, promise: StalePromise, modifiers: PolicyModifiers,
    emptyTableLimit: Int
  ) {
    self.bench = bench
    let suite = CheckerSuite(
      aperture: scheme.aperture, functions: Array(bench.functions.indices), promise: promise,
      probe: bench.machine)
    bench.router.add(suite)
    observer = ScenarioObserver(suite: suite, machine: bench.shared)
    do throws(TableMemoryError) {
      let domain = try Domain(
        scheme: scheme, memory: bench.memory, timer: bench.timer, observer: observer,
        options: PagingDomainOptions(
          processors: 2, modifiers: modifiers, cost: bench.machine.description.invalidationCost,
          reuseSlotsLog2: 1, emptyTableLimit: emptyTableLimit))
      bench.router.settle(suite, root: domain.table.root)
      self.domain = domain
    } catch {
      preconditionFailure("the scenario's machine has no memory for a root table")
    }
  }

  /// The domain, which nobody has dropped yet.
  var living: Domain {
    guard let domain else { preconditionFailure("the scenario has dropped the domain") }
    return domain
  }

  /// What a driver's device does with a mapping.
  enum DeviceUse {
    /// It writes, and must reach the memory.
    case writes
    /// It tries to, and may be gone by then; so the mapping may be refused as well.
    case tries
    /// Nothing.
    case rests
  }

  /// What every driver does: maps, lets the device do its part, takes the mapping back.
  func transfer(
    _ buffer: PhysicalRange, on cpu: Int = 0, function: Int = 0, device: DeviceUse = .writes
  ) {
    let cpu = CPUIndex(cpu)
    let domain = living
    do throws(MapError) {
      let mapping = try domain.map(buffer, FromDevice.self, on: cpu)
      try domain.synchronize(on: cpu)
      if device != .rests {
        let wrote = bench.deviceWrites(at: mapping.device.first, function: function)
        if device == .writes && !wrote {
          bench.execution.report("exactReach", "the device cannot reach what was mapped for it")
        }
      }
      domain.unmap(mapping, on: cpu)
    } catch {
      if device != .tries { bench.execution.report("progress", "map failed: \(error)") }
    }
  }

  /// The first half of a transfer: maps, and lets the device write.
  func map(_ buffer: PhysicalRange, on cpu: Int) -> HeldMapping {
    let cpu = CPUIndex(cpu)
    let held = HeldMapping()
    do throws(MapError) {
      let mapping = try living.map(buffer, FromDevice.self, on: cpu)
      try living.synchronize(on: cpu)
      if !bench.deviceWrites(at: mapping.device.first) {
        bench.execution.report("exactReach", "the device cannot reach what was mapped for it")
      }
      held.mapping = consume mapping
    } catch {
      bench.execution.report("progress", "map failed: \(error)")
    }
    return held
  }

  /// The second half: takes the mapping back, where there is one.
  func unmap(_ held: HeldMapping, on cpu: Int) {
    guard let mapping = held.mapping.take() else { return }
    living.unmap(mapping, on: CPUIndex(cpu))
  }

  /// A timer that the domain armed goes off.
  func timerFires(_ purpose: TimerPurpose, on cpu: Int = 1) {
    living.timerFired(purpose, on: CPUIndex(cpu))
  }

  /// Ends the domain after its devices have left, and checks that nothing is left of it.
  func finish() {
    let suite = observer.suite
    suite.expectNothingReachable()
    guard let domain else { return observer.reportViolations() }
    suite.expectBalance(
      live: domain.liveMappings, held: held, quarantined: domain.quarantineRecord.ranges)
    self.domain = nil
    observer.reportViolations()
  }

  /// Lets go of the domain; whoever is still inside it keeps it alive.
  func drop() {
    domain = nil
  }
}

/// A mapping that one task made and another, or the end, takes back.
final class HeldMapping {
  var mapping: Mapping<FromDevice>?
}
