import IOMMU
import Machine

/// How one processor waits for completions of its queue: by looking again, or by interruptions.
///
/// No completion is waited for in vain. Interruptions are disabled but in the wait itself; one that
/// comes earlier stays pending in the machine and ends the wait as it begins. A completion that the
/// look at the queue before did not see sets its vector's bit afterwards, and then the summary bit.
/// Whoever takes the vectors clears the summary bit first, so that either that scan sees the bit,
/// or the summary bit is set anew and makes a new interruption, which some waiting processor takes.
/// That processor scans after its wait, whatever else it does. Whoever finds the bit fills
/// the owner's box and then signals the owner; the signal, too, stays pending. So between the look
/// at the queue and the wait, the box is looked into, and what comes later ends the wait.
///
/// Processors that have nothing to do wait for signals alone and take no interruptions of devices.
final class CompletionWait {
  private let cpu: CPUIndex
  /// Who tells of completions; nobody where the queue is looked at again and again.
  private let deliveries: Deliveries?
  let timer: KernelTimer
  private let handleTimers: (CPUIndex) -> Void

  /// What happened since ``begin()``.
  private(set) var counts = WaitCounts()
  private var atBegin = WaitCounts()

  /// How long a device may be silent, with requests under way, before that is counted.
  static var silenceMax: Nanoseconds { .milliseconds(5_000) }

  init(
    on cpu: CPUIndex, deliveries: Deliveries?, timer: KernelTimer,
    timers: @escaping (CPUIndex) -> Void
  ) {
    self.cpu = cpu
    self.deliveries = deliveries
    self.timer = timer
    handleTimers = timers
  }

  /// Begins to count anew; on the processor itself.
  func begin() {
    counts = WaitCounts()
    atBegin = .taken
  }

  /// Handles timers that are due.
  func timers() { handleTimers(cpu) }

  /// Called between two looks at a queue in which nothing is complete.
  func pause() {
    counts.looks += 1
    timers()
    guard let deliveries else { return }
    deliveries.take(on: cpu)
    if !deliveries.collect(for: cpu) {
      wait()
      deliveries.take(on: cpu)
      // The queue is looked at next, whatever the box says.
      _ = deliveries.collect(for: cpu)
    }
  }

  /// Notes how many interruptions came since ``begin()``; on the processor itself.
  func end() {
    let taken = WaitCounts.taken
    counts.interruptions = taken.interruptions - atBegin.interruptions
    counts.signals = taken.signals - atBegin.signals
    counts.alarms = taken.alarms - atBegin.alarms
  }

  private func wait() {
    let before = WaitCounts.taken
    let due = timer.untilDue()
    let isSilence = due.map { $0.rawValue > Self.silenceMax.rawValue } ?? true
    counts.waits += 1
    Wait.forInterruption(atMost: isSilence ? Self.silenceMax : due ?? Self.silenceMax)
    let after = WaitCounts.taken
    if isSilence && after.interruptions == before.interruptions && after.signals == before.signals {
      counts.silences += 1
    }
  }
}

/// How often a processor waited, and what ended its waits.
struct WaitCounts {
  /// Looks at the queue that found nothing complete.
  var looks: UInt64 = 0
  /// Waits with interruptions enabled.
  var waits: UInt64 = 0
  /// Interruptions of devices.
  var interruptions: UInt64 = 0
  /// Signals of other processors.
  var signals: UInt64 = 0
  /// Interruptions of the clock.
  var alarms: UInt64 = 0
  /// Waits that nothing ended for as long as a device may be silent.
  var silences: UInt64 = 0

  /// What this processor took since it began.
  static var taken: WaitCounts {
    var counts = WaitCounts()
    counts.interruptions = machineDeviceInterruptions()
    counts.signals = machineSignals()
    counts.alarms = machineAlarms()
    return counts
  }
}
