import IOMMU

/// The machine's time: what devices have pending, and how far each processor has come.
///
/// Processors do not share a clock edge: each has a local time that its work moves forward. The
/// rule that keeps devices exact is that before a processor does anything that a device could see,
/// or looks at anything that a device could have changed, everything that devices have pending up
/// to the processor's local time happens first (``catchUp()``).
///
/// A task runs to its end before any other task begins. A task of another processor with an
/// earlier local time may therefore meet device time that is later than its own; its accesses
/// then happen at device time. Tasks are short, one submission or one completion, which bounds the
/// difference.
final class Timeline: @unchecked Sendable {
  /// What the devices have pending.
  let deviceEvents = Cell(EventQueue())

  /// The processors, by number.
  let cpus: FixedStorage<Processor>

  /// Who takes the devices' events, by target number.
  private let targets = Cell<[any EventTarget]>([])

  private let state = Cell(State())

  private struct State {
    var currentCPU = 0
    var isRunningTask = false
    var deviceTime: UInt64 = 0
    var horizon: UInt64 = 0
    var isCatchingUp = false
  }

  init(cpuCount: Int) {
    cpus = FixedStorage(count: cpuCount) { _ in Processor() }
  }

  /// The processor whose work is running, or the one that last did anything.
  var currentCPU: Int { state.value.currentCPU }

  /// The time of the last thing that happened on the devices' side; it never runs backwards.
  var deviceTime: UInt64 { state.value.deviceTime }

  /// No task that starts from now on can start before this time.
  var horizon: UInt64 { state.value.horizon }

  /// Makes `target` one that events can name; the number is for ``EventQueue/schedule``.
  func addTarget(_ target: any EventTarget) -> Int32 {
    targets.value.append(target)
    return Int32(targets.value.count - 1)
  }

  /// Forgets everything that holds other objects.
  func shutDown() {
    targets.value.removeAll()
    deviceEvents.value.removeAll()
    for index in 0..<cpus.count { cpus[index].work.removeAll() }
  }

  /// The local time of the processor whose work is running.
  var localTime: UInt64 { cpus[currentCPU].time }

  /// Names the processor that does something: the running task's, or outside of tasks `cpu`.
  func enter(_ cpu: CPUIndex) {
    if state.value.isRunningTask { return }
    state.value.currentCPU = min(cpu.rawValue, cpus.count - 1)
    cpus[currentCPU].wait(until: horizon)
  }

  /// Moves the current processor's local time forward by `picoseconds`, keeping the fraction.
  func charge(picoseconds: UInt64) {
    cpus[currentCPU].charge(picoseconds: picoseconds)
  }

  /// Moves the current processor's local time to `later`, if it is later.
  func wait(until later: UInt64) {
    cpus[currentCPU].wait(until: later)
  }

  /// Makes everything happen that devices have pending up to the current processor's local time.
  func catchUp() {
    let limit = cpus[currentCPU].time
    if deviceEvents.value.nextTime <= limit { drainDevices(to: limit) }
  }

  /// Sets device time to the current processor's local time, when it is about to touch a device.
  func synchronizeDevices() {
    catchUp()
    let time = cpus[currentCPU].time
    if time > deviceTime { state.value.deviceTime = time }
  }

  /// Lets devices come to `limit`.
  ///
  /// An event's own effects may schedule more of them, which are handled in their turn. A device
  /// that reaches for the processor's side while it handles an event finds time standing still.
  private func drainDevices(to limit: UInt64) {
    if state.value.isCatchingUp { return }
    state.value.isCatchingUp = true
    defer { state.value.isCatchingUp = false }
    while let due = deviceEvents.value.popFirst(notAfter: limit) {
      if due.time > deviceTime { state.value.deviceTime = due.time }
      if due.target == EventQueue.actionTarget {
        due.action?()
      } else {
        // Not called through the cell: the target may come back to it.
        let target = targets.value[Int(due.target)]
        target.handleEvent(due.token)
      }
    }
  }

  /// Whether anything is due at `limit` or before.
  func hasWork(notAfter limit: UInt64) -> Bool {
    if deviceEvents.value.nextTime <= limit { return true }
    for index in 0..<cpus.count where cpus[index].nextStart <= limit { return true }
    return false
  }

  /// Runs the next thing that is due at `limit` or before; false where there is none.
  func step(notAfter limit: UInt64) -> Bool {
    var chosen = -1
    var start = UInt64.max
    for index in 0..<cpus.count {
      let next = cpus[index].nextStart
      if next < start {
        start = next
        chosen = index
      }
    }
    let eventTime = deviceEvents.value.nextTime
    if eventTime <= start {
      if eventTime > limit || eventTime == .max { return false }
      // One event at a time: it may make a processor's work due before the next event.
      drainDevices(to: eventTime)
      return true
    }
    if chosen < 0 || start > limit { return false }
    runWork(on: chosen, at: start)
    return true
  }

  private func runWork(on cpu: Int, at start: UInt64) {
    guard let work = cpus[cpu].work.popFirst(notAfter: start) else { return }
    state.value.horizon = start
    state.value.currentCPU = cpu
    cpus[cpu].begin(at: start)
    state.value.isRunningTask = true
    if work.target == EventQueue.actionTarget {
      work.action?()
    } else {
      let target = targets.value[Int(work.target)]
      target.handleWork(work.token)
    }
    state.value.isRunningTask = false
    cpus[cpu].end()
  }
}

/// Something that takes events and processor work that it had scheduled.
protocol EventTarget: AnyObject {
  /// A device event is due.
  func handleEvent(_ token: UInt64)

  /// Work on a processor begins.
  func handleWork(_ token: UInt64)
}
