public import IOMMU
import ZPCI
import Workloads

/// Recorded work on one machine, to be repeated under any number of policies.
///
/// The machine's device has no driver: maps and unmaps are done as they were recorded, and the
/// device touches what it is given. A result's rate is the maps for each second of processor time
/// that mapping took, so the rate at which this work could go on if nothing else was to be done,
/// without bound for `identity`, which is charged nothing;
/// its latency is the time from when a map was recorded to when the device could use it. Runs share
/// nothing but the recorded work and may go side by side; the same replay gives the same result.
public struct Replay: Sendable {
  /// The machine.
  public var machine: MachineDescription

  /// The work.
  public var stream: ReplayStream

  /// The kernel whose address allocator `strict` and `queue` copy.
  public var kernel: TreeFlavour

  /// `stream` on `machine`.
  ///
  /// Throws: `mappingTooLarge` or `tooMuchMapped` where the machine's aperture is too small.
  public init(
    machine: MachineDescription, stream: ReplayStream, kernel: TreeFlavour = .linux6_1
  ) throws(ReplayError) {
    let pages = machine.apertureBytes &>> 12
    if stream.mappingPagesMax > pages {
      throw .mappingTooLarge(pages: stream.mappingPagesMax, aperturePages: pages)
    }
    if stream.livePagesMax > pages {
      throw .tooMuchMapped(pages: stream.livePagesMax, aperturePages: pages)
    }
    self.machine = machine
    self.stream = stream
    self.kernel = kernel
  }

  /// Repeats the work under `policy`.
  ///
  /// Throws: what is wrong with the description, or ``ReplayError`` where a step was refused; a
  /// broken promise is no error but in the result.
  public func run(_ policy: PolicyChoice) throws -> ExperimentResult {
    let device = ReplayDevice()
    let bench = try ExperimentBench(machine, seed: 1, kernel: kernel, policy, device: device)
    // Command register at configuration offset 4: bit 1 memory space, bit 2 bus master (PCI Local
    // Bus Specification 3.0, section 6.2.2).
    try bench.function.writeConfiguration(0x6, offset: 4, width: 2, on: .boot)
    return try bench.run(ReplayWork(stream: stream, device: device))
  }
}

/// Recorded steps, as work on a domain.
struct ReplayWork: DomainWork {
  let stream: ReplayStream
  let device: ReplayDevice

  func run<Scheme: PricedScheme>(
    on domain: PagingDomain<ModelPlatform, Scheme>, _ bench: ExperimentBench,
    _ checkers: CheckerSuite
  ) throws -> RunOutcome {
    let scheme = domain.scheme
    let loop = try ReplayLoop(
      machine: bench.machine, stream: stream,
      target: PagingTarget(domain, places: stream.places), device: device,
      isBatched: bench.policy.modifiers.contains(.batch),
      pairInstructions: scheme.pairInstructions, schemeWork: { scheme.work })
    let before = ComparisonRow.Invalidations(domain.counters)
    loop.run()
    if let error = loop.error { throw error }
    let after = ComparisonRow.Invalidations(domain.counters)
    checkers.closeWindow()
    let window = checkers.window
    loop.takeBackAll()
    return RunOutcome(
      measurement: loop.measurement, invalidations: after - before, window: window)
  }

  func run(
    on domain: IdentityDomain<ModelPlatform>, _ bench: ExperimentBench, _ checkers: CheckerSuite
  ) throws -> RunOutcome {
    let loop = try ReplayLoop(
      machine: bench.machine, stream: stream,
      target: IdentityTarget(domain, places: stream.places), device: device, isBatched: false,
      pairInstructions: 0, schemeWork: { SchemeWork() })
    loop.run()
    if let error = loop.error { throw error }
    loop.takeBackAll()
    return RunOutcome(measurement: loop.measurement, invalidations: .none, window: StaleWindowSum())
  }
}
