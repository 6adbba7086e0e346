import Histogram
import IOMMU
import NVMe
import ZPCI

/// The driver on top of a domain, started, looped and shut down again.
struct DrivenLoop<Domain: DMADomain> where Domain.Memory == MachineMemory {
  let bench: ExperimentBench
  let domain: Domain

  /// What came of it, before it is made into a result.
  struct Outcome {
    let measurement: LoopMeasurement
    let invalidations: ComparisonRow.Invalidations

    func result(
      _ bench: ExperimentBench, window: StaleWindowSum, audit: RefreshAudit,
      violations: ViolationLog
    ) -> ExperimentResult {
      let latencies = measurement.latencies
      func microseconds(_ percentile: Double) -> Double? {
        latencies.totalCount == 0
          ? nil : Double(latencies.valueAtPercentile(percentile)) / 1_000
      }
      return ExperimentResult(
        policy: bench.policy, resolution: bench.resolution, rate: measurement.rate,
        requests: measurement.requests, invalidations: invalidations, window: window,
        latency: ComparisonRow.Latency(
          p50: microseconds(50), p99: microseconds(99), p999: microseconds(99.9)),
        violations: violations.first, badRequests: measurement.wrongData + measurement.failures,
        audit: audit)
    }
  }

  func run(
    pairInstructions: UInt64, schemeWork: @escaping () -> SchemeWork,
    onMeasuring: @escaping () -> Void,
    counts: @escaping () -> ComparisonRow.Invalidations, onStopping: () -> Void
  ) throws -> Outcome {
    let machine = bench.machine
    let workload = bench.experiment.workload
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
      pagesToMeasure: bench.pagesToMeasure, source: try source(queues: driver),
      schemeWork: schemeWork,
      onMeasuring: {
        before = counts()
        onMeasuring()
      })
    try start(loop, driver)
    machine.run(while: { !loop.isStopping && loop.error == nil })
    let after = counts()
    onStopping()
    machine.run(while: { !loop.isDone })
    if let error = loop.error { throw ExperimentError.driver("\(error)") }
    guard loop.isDone else { throw ExperimentError.stuck(outstanding: "requests in flight") }
    do throws(NVMeError) {
      try driver.shutDown(clock: machine, pause: {}, report: { _ in })
    } catch {
      throw ExperimentError.driver("shut down: \(error)")
    }
    return Outcome(
      measurement: loop.measurement,
      invalidations: ComparisonRow.Invalidations(
        map: after.map - before.map, unmap: after.unmap - before.unmap,
        global: after.global - before.global))
  }

  private func source(
    queues driver: NVMeController<ZPCIFunction<Machine>, Domain>
  ) throws -> RequestSource {
    try RequestSource(
      workload: bench.experiment.workload,
      places: bench.experiment.workload.depth * driver.information.queueCount,
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

extension ExperimentBench {
  /// The pages that a measurement moves.
  var pagesToMeasure: UInt64 {
    let pages = machine.aperture.pageCount(of: .fourKiB).rawValue
    let (product, overflow) = pages.multipliedReportingOverflow(
      by: experiment.apertureTurnsPercent)
    return overflow ? .max : product / 100
  }
}
