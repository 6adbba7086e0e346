import Histogram
import IOMMU
import NVMe
import ZPCI
import Workloads

/// A closed loop of requests on every processor: each completion submits the next one in its place.
///
/// Runs as tasks of the machine: one to start, then one for each interrupt. The driver rings once
/// for all that a task submitted, as a driver does that is given a list of requests.
final class ClosedLoop<Domain: DMADomain> where Domain.Memory == MachineMemory {
  private let machine: Machine
  private let driver: NVMeController<ZPCIFunction<Machine>, Domain>
  private let workload: Workload
  private let costs: ProcessorCosts
  /// What mapping or unmapping costs the processor, half of the pair each.
  private let halfPair: UInt64
  private let schemeWork: () -> SchemeWork
  private let onMeasuring: () -> Void
  private let pagesToMeasure: UInt64
  private let warmUp: UInt64
  private var source: RequestSource
  private var inFlight: [Request?]
  private var workSeen = SchemeWork()
  private var completed: UInt64 = 0
  private var pagesCompleted: UInt64 = 0
  private var measuringSince: Instant?
  private var outstanding = 0
  private var isContinuing: [Bool]

  /// What was measured.
  private(set) var measurement = LoopMeasurement()

  /// Whether the loop submits no more.
  private(set) var isStopping = false

  /// The first error that ended the loop early, if one did.
  private(set) var error: NVMeError?

  /// A loop of `workload` that measures until `pagesToMeasure` pages were moved after its warm-up.
  init(
    machine: Machine, driver: NVMeController<ZPCIFunction<Machine>, Domain>,
    workload: Workload, pairInstructions: UInt64, pagesToMeasure: UInt64, source: RequestSource,
    schemeWork: @escaping () -> SchemeWork, onMeasuring: @escaping () -> Void
  ) {
    self.machine = machine
    self.driver = driver
    self.workload = workload
    self.pagesToMeasure = pagesToMeasure
    self.source = source
    self.schemeWork = schemeWork
    self.onMeasuring = onMeasuring
    costs = machine.description.costs
    halfPair = pairInstructions &* costs.instructionPicoseconds / 2
    let places = workload.depth * driver.information.queueCount
    // Every place is filled a few times before anything counts.
    warmUp = UInt64(places) * 8
    inFlight = Array(repeating: nil, count: places)
    isContinuing = Array(repeating: false, count: driver.information.queueCount)
  }

  /// Whether everything that was submitted has been completed after the loop stopped.
  var isDone: Bool { (isStopping && outstanding == 0) || error != nil }

  /// Fills the places of `queue`, on its processor.
  func start(queue: Int) {
    workSeen = schemeWork()
    for place in 0..<workload.depth { submit(place: queue * workload.depth + place, queue) }
    ring(queue)
  }

  /// Handles an interrupt that tells of completions on `queue`.
  ///
  /// Takes completions in small groups until none is left, rings once for all that was submitted
  /// in their place, and lets timers and others in after 50 µs at the latest.
  func interrupt(queue: Int) {
    // While the rest of a handling waits for its turn, interrupts add nothing to it.
    if !isContinuing[queue] { handle(queue) }
  }

  private func handle(_ queue: Int) {
    let began = machine.currentTime
    var count = 0
    repeat {
      do throws(NVMeError) {
        count = try driver.poll(queue: queue, limit: 4) { complete($0, queue) }
      } catch {
        self.error = error
      }
    } while error == nil && count > 0
      && machine.currentTime.since(began) < Nanoseconds.microseconds(50)
    if error != nil { return }
    ring(queue)
    if count > 0 {
      isContinuing[queue] = true
      machine.spawn(on: machine.currentCPU, at: machine.currentTime) { [weak self] in
        self?.isContinuing[queue] = false
        self?.handle(queue)
      }
    }
  }

  private func ring(_ queue: Int) {
    chargeWork()
    do throws(NVMeError) {
      _ = try driver.ringDoorbell(queue: queue) { complete($0, queue) }
    } catch {
      self.error = error
    }
  }

  private func complete(_ completion: NVMeCompletion, _ queue: Int) {
    let place = Int(completion.tag)
    guard let request = inFlight[place] else { return }
    inFlight[place] = nil
    outstanding -= 1
    machine.charge(picoseconds: costs.completePicoseconds)
    machine.charge(picoseconds: halfPair)
    chargeWork()
    note(completion, request)
    if !isStopping { submit(place: place, queue) }
  }

  private func note(_ completion: NVMeCompletion, _ request: Request) {
    guard case .success = completion.outcome else {
      measurement.failures += 1
      return
    }
    if !source.isRight(request, in: machine.memory) { measurement.wrongData += 1 }
    completed += 1
    if measuringSince == nil {
      if completed == warmUp {
        measuringSince = machine.currentTime
        onMeasuring()
      }
      return
    }
    guard let start = measuringSince else { return }
    let now = machine.currentTime
    measurement.requests += 1
    measurement.bytes += request.buffer.byteCountMinusOne + 1
    measurement.duration = now.since(start)
    _ = measurement.latencies.record(max(now.since(request.submitted).rawValue, 1))
    pagesCompleted += request.buffer.pageCount(of: .fourKiB).rawValue
    if pagesCompleted >= pagesToMeasure { isStopping = true }
  }

  private func submit(place: Int, _ queue: Int) {
    machine.charge(picoseconds: costs.submitPicoseconds)
    machine.charge(picoseconds: halfPair)
    var request = source.next(place: place, in: machine.memory)
    request.submitted = machine.currentTime
    do throws(NVMeError) {
      if request.isWrite {
        try driver.submitWrite(
          queue: queue, lba: request.lba, blocks: request.blocks, buffer: request.buffer,
          tag: UInt64(place))
      } else {
        try driver.submitRead(
          queue: queue, lba: request.lba, blocks: request.blocks, buffer: request.buffer,
          tag: UInt64(place))
      }
      inFlight[place] = request
      outstanding += 1
    } catch .map(.noAddress) {
      retry(place: place, queue)
    } catch {
      self.error = error
    }
  }

  /// Submits in this place again in 3 ms: what a block layer does when a driver lacks resources.
  ///
  /// Source: Linux, block/blk-mq.c, `BLK_MQ_RESOURCE_DELAY`. A flush queue that holds most of an
  /// aperture makes addresses run out until its timer goes off.
  private func retry(place: Int, _ queue: Int) {
    measurement.retries += 1
    let due = machine.currentTime.advanced(by: .milliseconds(3))
    machine.spawn(on: machine.currentCPU, at: due) { [weak self] in
      guard let self, !self.isStopping, self.error == nil else { return }
      self.submit(place: place, queue)
      self.ring(queue)
    }
  }

  /// Charges what the scheme's own structures did since the last time.
  private func chargeWork() {
    let work = schemeWork()
    if work == workSeen { return }
    machine.charge(picoseconds: (work - workSeen).picoseconds(costs))
    workSeen = work
  }
}
