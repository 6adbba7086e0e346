/// One processor: how far it has come, and what waits for it.
struct Processor {
  /// What waits, by the time from which it may start.
  var work = EventQueue()

  /// The local time in nanoseconds.
  private(set) var time: UInt64 = 0

  /// The fraction of a nanosecond that was charged beyond ``time``, in picoseconds.
  private var fraction: UInt64 = 0

  /// The time spent in tasks.
  private(set) var busy: UInt64 = 0

  /// The number of tasks that ran.
  private(set) var tasks: UInt64 = 0

  private var began: UInt64 = 0

  /// When the first waiting work can start; all ones while there is none.
  var nextStart: UInt64 {
    let next = work.nextTime
    return next == .max ? .max : max(next, time)
  }

  /// Moves the local time forward.
  mutating func charge(picoseconds: UInt64) {
    let sum = fraction &+ picoseconds
    if sum < 1_000 {
      fraction = sum
      return
    }
    let (whole, rest) = sum.quotientAndRemainder(dividingBy: 1_000)
    time &+= whole
    fraction = rest
  }

  /// Moves the local time to `later`, if it is later.
  mutating func wait(until later: UInt64) {
    if later > time {
      time = later
      fraction = 0
    }
  }

  /// Starts a task at `start`.
  mutating func begin(at start: UInt64) {
    wait(until: start)
    began = time
  }

  /// Ends the task.
  mutating func end() {
    busy &+= time &- began
    tasks &+= 1
  }
}
