import Histogram
import IOMMU
import Workloads

/// Repeats a stream's steps as tasks of the machine, each at its time or as soon after as possible.
///
/// Steps begin in the recorded order. One waits for its processor, for the step before it to have
/// begun, and an unmap also for the end of its mapping's map; nothing waits for a step that merely
/// came later in the trace, so work that does not keep up with the recorded times piles up.
final class ReplayLoop<Target: ReplayTarget> {
  private let machine: Machine
  private let stream: ReplayStream
  private let target: Target
  private let device: ReplayDevice
  private let memory: ReplayMemory
  private let costs: ProcessorCosts
  /// What mapping or unmapping costs the processor, half of the pair each.
  private let halfPair: UInt64
  private let isBatched: Bool
  private let schemeWork: () -> SchemeWork
  private var workSeen = SchemeWork()
  private var origin = Instant(nanoseconds: 0)
  private var next = 0
  private var buffers: [PhysicalRange] = []
  /// When the device was told of the mapping in each place.
  private var usableSince: [Instant]
  /// By processor: what the device has not been told of.
  private var waiting: [[Waiting]]

  /// A mapping that the device may not use yet.
  private struct Waiting {
    var asked: Instant
    var pages: IOVARange
    var place: Int
    var direction: ReplayDirection
  }

  /// What was measured.
  private(set) var measurement = LoopMeasurement()

  /// The first error that ended the loop early, if one did.
  private(set) var error: ReplayError?

  /// Whether all steps were done.
  var isDone: Bool { next == stream.operations.count || error != nil }

  /// A loop over `stream`; with `isBatched` the device is told of maps at the end of each group.
  init(
    machine: Machine, stream: ReplayStream, target: Target, device: ReplayDevice,
    isBatched: Bool, pairInstructions: UInt64, schemeWork: @escaping () -> SchemeWork
  ) throws(ReplayError) {
    self.machine = machine
    self.stream = stream
    self.target = target
    self.device = device
    self.isBatched = isBatched
    self.schemeWork = schemeWork
    costs = machine.description.costs
    halfPair = pairInstructions &* costs.instructionPicoseconds / 2
    memory = try ReplayMemory(machine.memory, longest: stream.segmentPagesMax)
    usableSince = Array(repeating: Instant(nanoseconds: 0), count: stream.places)
    waiting = Array(repeating: [], count: machine.description.cpus)
  }

  /// Does all steps; the time of the first is now.
  func run() {
    origin = machine.currentTime
    workSeen = schemeWork()
    let before = busy
    spawnNext(notBefore: origin)
    machine.run(while: { !isDone })
    measurement.duration = Nanoseconds(busy - before)
    measurement.failures = device.faults
  }

  /// Takes back what is still mapped, once the device has done all it was told.
  func takeBackAll() {
    let latest = (0..<machine.description.cpus).map { machine.time(of: CPUIndex($0)) }.max()
    var isOver = false
    machine.spawn(on: .boot, at: latest ?? origin) { [self] in
      for place in usableSince.indices { target.unmap(place, on: .boot) }
      isOver = true
    }
    machine.run(while: { !isOver })
    measurement.failures = device.faults
  }

  /// The time that all processors have spent in tasks: those of this loop, and the domain's timers.
  private var busy: UInt64 {
    (0..<machine.description.cpus).reduce(0) { $0 + machine.busyTime(of: CPUIndex($1)).rawValue }
  }

  private func spawnNext(notBefore earliest: Instant) {
    if isDone { return }
    let step = stream.operations[next]
    var time = max(origin.advanced(by: Nanoseconds(step.time)), earliest)
    if step.kind == .unmap { time = max(time, usableSince[Int(step.place)]) }
    let cpu = CPUIndex(Int(step.cpu) % machine.description.cpus)
    machine.spawn(on: cpu, at: time) { [unowned self] in perform(on: cpu) }
  }

  private func perform(on cpu: CPUIndex) {
    let began = machine.currentTime
    let step = stream.operations[next]
    do throws(MapError) {
      switch step.kind {
      case .map: try map(step, on: cpu)
      case .unmap: unmap(step, on: cpu)
      }
    } catch {
      self.error = .refused(operation: next, error)
      return
    }
    next += 1
    spawnNext(notBefore: began)
  }

  private func map(_ step: ReplayStream.Operation, on cpu: CPUIndex) throws(MapError) {
    machine.charge(picoseconds: halfPair)
    buffers.removeAll(keepingCapacity: true)
    for index in step.segmentStart..<(step.segmentStart + Int(step.segmentCount)) {
      buffers.append(memory.range(stream.segments[index]))
    }
    let pages = try target.map(buffers, step.direction, into: Int(step.place), on: cpu)
    measurement.requests += 1
    waiting[cpu.rawValue].append(
      Waiting(
        asked: origin.advanced(by: Nanoseconds(step.time)), pages: pages, place: Int(step.place),
        direction: step.direction))
    chargeWork()
    if !isBatched || step.endsGroup { try announce(on: cpu) }
  }

  private func announce(on cpu: CPUIndex) throws(MapError) {
    try target.synchronize(on: cpu)
    let now = machine.currentTime
    for mapping in waiting[cpu.rawValue] {
      usableSince[mapping.place] = now
      _ = measurement.latencies.record(max(now.since(mapping.asked).rawValue, 1))
      machine.schedule(at: now) { [device] in device.touch(mapping.pages, mapping.direction) }
    }
    waiting[cpu.rawValue].removeAll(keepingCapacity: true)
  }

  private func unmap(_ step: ReplayStream.Operation, on cpu: CPUIndex) {
    machine.charge(picoseconds: halfPair)
    target.unmap(Int(step.place), on: cpu)
    chargeWork()
  }

  /// Charges what the scheme's own structures did since the last time.
  private func chargeWork() {
    let work = schemeWork()
    if work == workSeen { return }
    machine.charge(picoseconds: (work - workSeen).picoseconds(costs))
    workSeen = work
  }
}
