import IOMMU
import InterleavingExplorer
import MachineModel
import ZPCI

/// A paging domain of a scenario with its checkers, and what drivers do with it.
final class ScenarioDomain<Scheme: InvalidationScheme> {
  typealias Domain = PagingDomain<ScenarioPlatform, Scheme>

  let bench: ScenarioBench
  let observer: ScenarioObserver
  private(set) var domain: Domain!
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
      domain = try Domain(
        scheme: scheme, memory: bench.memory, timer: bench.timer, observer: observer,
        options: PagingDomainOptions(
          processors: 2, modifiers: modifiers, cost: bench.machine.description.invalidationCost,
          reuseSlotsLog2: 1, emptyTableLimit: emptyTableLimit))
    } catch {
      preconditionFailure("the scenario's machine has no memory for a root table")
    }
    bench.router.settle(suite, root: domain.table.root)
  }

  /// What every driver does: maps, lets the device write, takes the mapping back.
  ///
  /// Errors are fine where `mayFail`: the device may be gone, or the addresses all in use.
  func transfer(
    _ buffer: PhysicalRange, on cpu: Int = 0, function: Int = 0, mayFail: Bool = false,
    isReachable: Bool = true
  ) {
    let cpu = CPUIndex(cpu)
    do throws(MapError) {
      let mapping = try domain.map(buffer, FromDevice.self, on: cpu)
      try synchronize(mapping.device, on: cpu)
      let wrote = bench.deviceWrites(at: mapping.device.first, function: function)
      if isReachable && !wrote {
        bench.execution.report("exactReach", "the device cannot reach what was mapped for it")
      }
      domain.unmap(mapping, on: cpu)
    } catch {
      if !mayFail { bench.execution.report("progress", "map failed: \(error)") }
    }
  }

  private func synchronize(_ device: IOVARange, on cpu: CPUIndex) throws(MapError) {
    try domain.synchronize(on: cpu)
  }

  /// A timer that the domain armed goes off.
  func timerFires(_ purpose: TimerPurpose, on cpu: Int = 1) {
    domain.timerFired(purpose, on: CPUIndex(cpu))
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
