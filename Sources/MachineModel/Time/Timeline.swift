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
  var deviceEvents = EventQueue()

  /// The processors, by number.
  var cpus: [Processor]

  /// The processor whose work is running, or the one that last did anything.
  private(set) var currentCPU = 0

  /// Whether a task is running now.
  private(set) var isRunningTask = false

  /// The time of the last thing that happened on the devices' side; it never runs backwards.
  private(set) var deviceTime: UInt64 = 0

  /// No task that starts from now on can start before this time.
  private(set) var horizon: UInt64 = 0

  /// Who takes the devices' events, by target number.
  private var targets: [any EventTarget] = []

  private var isCatchingUp = false

  init(cpuCount: Int) {
    cpus = (0..<cpuCount).map { _ in Processor() }
  }

  /// Makes `target` one that events can name; the number is for ``EventQueue/schedule``.
  func addTarget(_ target: any EventTarget) -> Int32 {
    targets.append(target)
    return Int32(targets.count - 1)
  }

  /// Forgets everything that holds other objects.
  func shutDown() {
    targets.removeAll()
    deviceEvents.removeAll()
    for index in cpus.indices { cpus[index].work.removeAll() }
  }

  /// The local time of the processor whose work is running.
  var localTime: UInt64 { cpus[currentCPU].time }

  /// Names the processor that does something: the running task's, or outside of tasks `cpu`.
  func enter(_ cpu: CPUIndex) {
    if isRunningTask { return }
    currentCPU = min(cpu.rawValue, cpus.count - 1)
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
    if deviceEvents.nextTime <= limit { drainDevices(to: limit) }
  }

  /// Sets device time to the current processor's local time, when it is about to touch a device.
  func synchronizeDevices() {
    catchUp()
    let time = cpus[currentCPU].time
    if time > deviceTime { deviceTime = time }
  }

  /// Lets devices come to `limit`.
  ///
  /// An event's own effects may schedule more of them, which are handled in their turn. A device
  /// that reaches for the processor's side while it handles an event finds time standing still.
  private func drainDevices(to limit: UInt64) {
    if isCatchingUp { return }
    isCatchingUp = true
    defer { isCatchingUp = false }
    while let due = deviceEvents.popFirst(notAfter: limit) {
      if due.time > deviceTime { deviceTime = due.time }
      if due.target == EventQueue.actionTarget {
        due.action?()
      } else {
        targets[Int(due.target)].handleEvent(due.token)
      }
    }
  }

  /// Runs the next thing that is due at `limit` or before; false where there is none.
  func step(notAfter limit: UInt64) -> Bool {
    var chosen = -1
    var start = UInt64.max
    for index in cpus.indices {
      let next = cpus[index].nextStart
      if next < start {
        start = next
        chosen = index
      }
    }
    let eventTime = deviceEvents.nextTime
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
    horizon = start
    currentCPU = cpu
    cpus[cpu].begin(at: start)
    isRunningTask = true
    if work.target == EventQueue.actionTarget {
      work.action?()
    } else {
      targets[Int(work.target)].handleWork(work.token)
    }
    isRunningTask = false
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
