/// When a Linux timer goes off that was set to a long time-out.
///
/// The wheel's levels tick ever more coarsely: a timer that is 63 ticks away or more waits on a
/// level of 8 ticks, one of 504 or more on one of 64, and so on; it goes off at the next tick of
/// its level after its time. Neither the moments of the clock's ticks nor those of a level's are in
/// a trace: until a timer has been seen to go off, the middle of what is possible is predicted.
/// Source: Linux kernel/time/timer.c, `calc_wheel_index` and `calc_index`.
struct TimerWheel: Sendable {
  /// Ticks in a second.
  let hertz: UInt64
  /// The time-out in nanoseconds.
  let timeout: UInt64

  /// A moment at which the timer's level ticked.
  private var boundary: UInt64?

  /// A wheel of `hertz` ticks a second, at least one, and timers of `timeout` nanoseconds.
  init(hertz: UInt64, timeout: UInt64) {
    self.hertz = max(hertz, 1)
    self.timeout = timeout
  }

  /// Nanoseconds from tick to tick.
  var tick: UInt64 { 1_000_000_000 / hertz }

  /// Ticks of the time-out, rounded up.
  var ticks: UInt64 { max(timeout / tick + (timeout % tick == 0 ? 0 : 1), 1) }

  /// Nanoseconds from one tick of the timer's level to the next.
  var granule: UInt64 {
    var granule: UInt64 = 1
    var reach: UInt64 = 63
    while ticks >= reach && granule < 1 << 24 {
      granule *= 8
      reach *= 8
    }
    return granule * tick
  }

  /// When a timer set at `time` is expected to go off; at the end of the clock where that is later.
  func expiry(setAt time: UInt64) -> UInt64 {
    let (length, isLong) = ticks.multipliedReportingOverflow(by: tick)
    let (due, isLate) = time.addingReportingOverflow(length)
    if isLong || isLate || due > .max - 2 * granule { return .max }
    guard let boundary else { return due - tick / 2 + granule / 2 }
    let phase = boundary % granule
    // The first tick of the level after the last tick of the clock before `due`.
    let reference = due - (due % tick + tick - phase % tick) % tick
    let passed = (reference + granule - phase) / granule
    return passed * granule + phase
  }

  /// Learns from a timer that went off at `time`: at a tick of its level, or a little after it.
  mutating func learn(_ time: UInt64) {
    guard let known = boundary else {
      boundary = time
      return
    }
    // The earlier of two within the level's tick is nearer to the tick: nothing goes off early.
    let ahead = (time % granule + granule - known % granule) % granule
    boundary = ahead <= min(granule / 2, time) ? time - ahead : time
  }
}

/// Several wheels side by side, of which the one that fits best tells the kernel's tick.
struct WheelFit: Sendable {
  /// The rates that Linux can be built with (kernel/Kconfig.hz).
  static let rates: [UInt64] = [100, 250, 300, 1_000]

  private var wheels: [TimerWheel]
  private var worst: [UInt64]
  /// The sum of the differences, but for the first, whose phase nothing told.
  private var total: [UInt64]
  /// How many timers have been compared.
  private(set) var compared = 0

  /// Wheels of every rate, or of the one that is known.
  init(timeout: UInt64, hertz: UInt64?) {
    wheels = (hertz.map { [$0] } ?? Self.rates).map { TimerWheel(hertz: $0, timeout: timeout) }
    worst = Array(repeating: 0, count: wheels.count)
    total = worst
  }

  /// The latest moment at which a timer set at `time` should have gone off.
  func deadline(setAt time: UInt64) -> UInt64 {
    var latest = time
    for wheel in wheels {
      let (sum, overflow) = wheel.expiry(setAt: time).addingReportingOverflow(wheel.granule)
      latest = max(latest, overflow ? .max : sum)
    }
    return latest
  }

  /// Compares a timer that was set and went off at the given times, then learns from it.
  mutating func compare(setAt set: UInt64, wentOffAt time: UInt64) {
    compared += 1
    for index in wheels.indices {
      let expected = wheels[index].expiry(setAt: set)
      let difference = expected > time ? expected - time : time - expected
      worst[index] = max(worst[index], difference)
      if compared > 1 { total[index] &+= difference }
      wheels[index].learn(time)
    }
  }

  /// Learns from a timer that went off, without knowing when it was set.
  mutating func learn(_ time: UInt64) {
    for index in wheels.indices { wheels[index].learn(time) }
  }

  /// The wheel that fits best: with the smallest mean difference in whole milliseconds, and of
  /// equals the slowest.
  private var best: Int {
    let count = UInt64(max(compared - 1, 1))
    func rank(_ index: Int) -> UInt64 { total[index] / count / 1_000_000 }
    return wheels.indices.min { (rank($0), $0) < (rank($1), $1) } ?? 0
  }

  /// The period of the clock.
  var tick: UInt64 { wheels[best].tick }

  /// Its ticks in a second.
  var hertz: UInt64 { wheels[best].hertz }

  /// The largest difference between expected and recorded times, in nanoseconds.
  var worstOffset: UInt64 { worst[best] }
}
