import Histogram
import IOMMU
import NVMe
import ZPCI
import Workloads

/// The driver on top of a domain, started, looped and shut down again.
struct DrivenLoop<Domain: DMADomain> where Domain.Memory == MachineMemory {
  let experiment: Experiment
  let bench: ExperimentBench
  let domain: Domain

  func run(
    pairInstructions: UInt64, schemeWork: @escaping () -> SchemeWork,
    onMeasuring: @escaping () -> Void, counts: @escaping () -> ComparisonRow.Invalidations,
    onStopping: () -> StaleWindowSum
  ) throws -> RunOutcome {
    let machine = bench.machine
    let workload = experiment.workload
    var options = NVMeOptions(queueEntries: workload.depth + 1)
    options.maximumTransferBytes = max(workload.longestRequest, 4_096)
    let driver = NVMeController(
      function: bench.function, domain: domain, cpus: bench.processors, options: options)
    do throws(NVMeError) {
      _ = try driver.initialise(clock: machine, pause: {})
    } catch {
      throw ExperimentError.driver("initialise: \(error)")
    }
    var before = counts()
    let loop = ClosedLoop(
      machine: machine, driver: driver, workload: workload, pairInstructions: pairInstructions,
      pagesToMeasure: experiment.pagesToMeasure(of: machine.aperture),
      source: try source(queues: driver),
      schemeWork: schemeWork,
      onMeasuring: {
        before = counts()
        onMeasuring()
      })
    try start(loop, driver)
    machine.run(while: { !loop.isStopping && loop.error == nil })
    let after = counts()
    let window = onStopping()
    machine.run(while: { !loop.isDone })
    if let error = loop.error { throw ExperimentError.driver("\(error)") }
    guard loop.isDone else { throw ExperimentError.stuck(outstanding: "requests in flight") }
    do throws(NVMeError) {
      try driver.shutDown(clock: machine, pause: {}, report: { _ in })
    } catch {
      throw ExperimentError.driver("shut down: \(error)")
    }
    return RunOutcome(
      measurement: loop.measurement, invalidations: after - before, window: window)
  }

  private func source(
    queues driver: NVMeController<ZPCIFunction<Machine>, Domain>
  ) throws -> RequestSource {
    try RequestSource(
      workload: experiment.workload,
      places: experiment.workload.depth * driver.information.queueCount,
      diskBlocks: ExperimentBench.diskBlocks, memory: bench.machine.memory,
      stream: bench.machine.randomStream("requests"))
  }

  private func start(
    _ loop: ClosedLoop<Domain>, _ driver: NVMeController<ZPCIFunction<Machine>, Domain>
  ) throws {
    let machine = bench.machine
    guard driver.information.vectorCount > 0 else {
      throw ExperimentError.driver("the function granted no interrupt vector")
    }
    for queue in 0..<driver.information.queueCount {
      machine.route(
        vector: driver.vector(queue: queue), of: bench.functionNumber, to: CPUIndex(queue)
      ) {
        loop.interrupt(queue: queue)
      }
      machine.spawn(on: CPUIndex(queue), at: machine.currentTime) { loop.start(queue: queue) }
    }
  }
}

extension Experiment {
  /// The pages that a measurement moves.
  func pagesToMeasure(of aperture: IOVARange) -> UInt64 {
    if let pagesMeasured { return pagesMeasured }
    let pages = aperture.pageCount(of: .fourKiB).rawValue
    let (product, overflow) = pages.multipliedReportingOverflow(by: apertureTurnsPercent)
    return overflow ? .max : product / 100
  }
}
