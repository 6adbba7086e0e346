import IOMMU
import NVMe
import Workloads
import ZPCI

/// The driver on top of a domain, started, taken through rounds, and shut down again.
///
/// The same ``RoundLoop`` as on a real machine, with the same plan.
struct RoundsLoop<Domain: DMADomain> where Domain.Memory == MachineMemory {
  let experiment: Experiment
  let plan: RoundPlan
  let bench: ExperimentBench
  let domain: Domain

  func run(
    onMeasuring: () -> Void, onStopping: () -> Void
  ) throws -> LoopMeasurement {
    var options = NVMeOptions(queueEntries: plan.depth + 1)
    options.maximumTransferBytes = max(
      UInt64(plan.longestRequest) * BlockPattern.blockBytes, 4_096)
    let driver = NVMeController(
      function: bench.function, domain: domain, cpus: [.boot], options: options)
    do throws(NVMeError) {
      _ = try driver.initialise(clock: bench.machine, pause: {})
    } catch {
      throw ExperimentError.driver("initialise: \(error)")
    }
    let loop = try RoundLoop(
      driver: driver, queue: 0, plan: plan, memory: bench.machine.memory)
    try go(loop, rounds: RoundPlan.warmUp)
    let before = loop.result
    onMeasuring()
    try go(loop, rounds: plan.rounds(for: experiment.requests))
    onStopping()
    do throws(NVMeError) {
      try driver.shutDown(clock: bench.machine, pause: {}, report: { _ in })
    } catch {
      throw ExperimentError.driver("shut down: \(error)")
    }
    var measurement = LoopMeasurement()
    measurement.requests = loop.result.requests - before.requests
    measurement.bytes = loop.result.bytes - before.bytes
    measurement.failures = loop.result.failures
    measurement.wrongData = loop.result.wrongBlocks
    return measurement
  }

  /// Each round is a task, so that timers go off between two of them.
  private func go(
    _ loop: RoundLoop<ZPCIFunction<Machine>, Domain>, rounds: Int
  ) throws {
    let machine = bench.machine
    for _ in 0..<rounds {
      var failure: NVMeError?
      var isDone = false
      machine.spawn(on: .boot, at: machine.currentTime) {
        do throws(NVMeError) {
          try loop.run(rounds: 1) { machine.charge(.microseconds(1)) }
        } catch {
          failure = error
        }
        isDone = true
      }
      machine.run(while: { !isDone })
      if let failure { throw ExperimentError.driver("\(failure)") }
    }
  }
}
