/// Linux's timer wheel in the words of kernel/time/timer.c (`calc_wheel_index`, `calc_index`),
/// tick by tick.
///
/// A timer that is less than 63 ticks away waits on level 0, less than 63 × 8 on level 1, and so
/// on. A level looks at its timers every 8^level ticks, and a timer goes off at the first such tick
/// after the one in whose bucket its time falls.
struct NaiveWheel {
  /// Nanoseconds.
  var tick: UInt64
  /// When tick 0 was, in nanoseconds.
  var phase: UInt64

  func expiry(setAt time: UInt64, timeout: UInt64) -> UInt64 {
    let now = (time - phase) / tick
    var ticks: UInt64 = 0
    while ticks * tick < timeout { ticks += 1 }
    var bucket: UInt64 = 1
    var reach: UInt64 = 63
    while ticks >= reach {
      bucket *= 8
      reach *= 8
    }
    var goesOff = now + ticks + 1
    while goesOff % bucket != 0 { goesOff += 1 }
    return phase + goesOff * tick
  }
}
