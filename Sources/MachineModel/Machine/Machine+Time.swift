public import IOMMU

/// Time, tasks and timers.
extension Machine: MonotonicClock {
  /// Reads the clock of the processor whose task is running, at the cost of doing so.
  ///
  /// Devices come up to that time first, so that a loop which waits for one by the clock gets on.
  public func now() -> Instant {
    timeline.charge(picoseconds: description.costs.clockPicoseconds)
    timeline.catchUp()
    return Instant(nanoseconds: timeline.localTime)
  }

  /// The time of the processor whose task is running; looking costs nothing.
  public var currentTime: Instant { Instant(nanoseconds: timeline.localTime) }

  /// The processor whose task is running, or outside of tasks the one that last did anything.
  public var currentCPU: CPUIndex { CPUIndex(timeline.currentCPU) }

  /// The time that `cpu` has come to.
  public func time(of cpu: CPUIndex) -> Instant {
    Instant(nanoseconds: timeline.cpus[index(cpu)].time)
  }

  /// The time that `cpu` has spent in tasks.
  public func busyTime(of cpu: CPUIndex) -> Nanoseconds {
    Nanoseconds(timeline.cpus[index(cpu)].busy)
  }

  /// Moves the current processor's time forward: it worked for so long.
  public func charge(_ duration: Nanoseconds) {
    timeline.charge(picoseconds: duration.rawValue.multipliedReportingOverflow(by: 1_000).0)
  }

  /// Moves the current processor's time forward by less than a nanosecond, or more; fractions add
  /// up.
  public func charge(picoseconds: UInt64) {
    timeline.charge(picoseconds: picoseconds)
  }

  /// Runs `task` on `cpu` once the processor is free, at `time` or later.
  ///
  /// Tasks of a processor run in the order of their times, and of their spawning where those are
  /// the same; of several processors the one with the earliest time goes first, then the lowest
  /// number. A task is not interrupted: what it calls charges time, and interrupts wait for its
  /// end. A task that runs long lets its processor get ahead of the others; what they do to a
  /// device in the meantime happens at the device's time, which never runs backwards. So keep tasks
  /// short.
  @discardableResult
  public func spawn(
    on cpu: CPUIndex, at time: Instant, _ task: @escaping () -> Void
  ) -> EventID {
    let number = index(cpu)
    var event = timeline.cpus[number].work.schedule(
      at: time.nanoseconds, target: EventQueue.actionTarget, token: 0, action: task)
    event.queue = Int32(number)
    return event
  }

  /// Runs `handler` on `cpu` when a kernel timer, armed there now for `timeout`, would fire.
  ///
  /// The time is that of Linux's timer wheel (``TimerWheel``) with the machine's tick.
  @discardableResult
  public func startTimer(
    on cpu: CPUIndex, after timeout: Nanoseconds, _ handler: @escaping () -> Void
  ) -> EventID {
    let deadline = TimerWheel.deadline(
      now: currentTime, timeout: timeout, hertz: description.timerHertz)
    return spawn(on: cpu, at: deadline, handler)
  }

  /// Runs `action` on the devices' side at `time`: for tests and faults, not for drivers.
  @discardableResult
  public func schedule(at time: Instant, _ action: @escaping () -> Void) -> EventID {
    timeline.deviceEvents.value.schedule(
      at: max(time.nanoseconds, timeline.deviceTime), target: EventQueue.actionTarget, token: 0,
      action: action)
  }

  /// Takes back a task, timer or action; one that ran already is left alone.
  public func cancel(_ event: EventID) {
    if event.queue < 0 {
      timeline.deviceEvents.value.cancel(event)
    } else {
      timeline.cpus[Int(event.queue)].work.cancel(event)
    }
  }

  /// Runs everything that begins at `limit` or before.
  ///
  /// Tasks that begin in time run to their end, which may be later.
  public func run(until limit: Instant) {
    while timeline.step(notAfter: limit.nanoseconds) {}
  }

  /// Runs until nothing is left to do, or `condition` no longer holds.
  ///
  /// The condition is asked before each step: one task, or the devices' events of one time. While a
  /// measurement block is registered there is always something left to do.
  public func run(while condition: () -> Bool) {
    while condition() && timeline.step(notAfter: .max - 1) {}
  }

  func index(_ cpu: CPUIndex) -> Int {
    min(cpu.rawValue, timeline.cpus.count - 1)
  }
}
