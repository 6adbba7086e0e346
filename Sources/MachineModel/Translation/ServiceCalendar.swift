/// When something that serves one at a time is taken: the hypervisor's refresh, for one.
///
/// A processor whose task runs ahead of another's may have taken a time in the future; the other,
/// asking later for an earlier time, gets the gap before it if that is long enough. Requests in
/// the order of time are served one after the other, each when the one before has ended.
struct ServiceCalendar {
  private struct Interval {
    var start: UInt64
    var end: UInt64
  }

  /// Taken times in ascending order; those that touch are joined.
  private var taken: [Interval] = []

  /// Forgets what ended before `time`, which no later request can ask for.
  mutating func forget(before time: UInt64) {
    var count = 0
    while count < taken.count && taken[count].end <= time { count += 1 }
    if count > 0 { taken.removeFirst(count) }
  }

  /// The first time at `time` or later that is not taken.
  func firstFree(from time: UInt64) -> UInt64 {
    for interval in taken {
      if time < interval.start { return time }
      // Intervals that touch are joined, so that the end of one is always free.
      if time < interval.end { return interval.end }
    }
    return time
  }

  /// Takes `duration` at the first time from `time` on where it fits; returns when it begins.
  mutating func take(_ duration: UInt64, from time: UInt64) -> UInt64 {
    if duration == 0 { return firstFree(from: time) }
    var start = time
    var place = 0
    while place < taken.count {
      let interval = taken[place]
      if start < interval.start && interval.start - start >= duration { break }
      start = max(start, interval.end)
      place += 1
    }
    insert(Interval(start: start, end: start &+ duration), at: place)
    return start
  }

  private mutating func insert(_ new: Interval, at place: Int) {
    let joinsBefore = place > 0 && taken[place - 1].end == new.start
    let joinsAfter = place < taken.count && taken[place].start == new.end
    if joinsBefore && joinsAfter {
      taken[place - 1].end = taken[place].end
      taken.remove(at: place)
    } else if joinsBefore {
      taken[place - 1].end = new.end
    } else if joinsAfter {
      taken[place].start = new.start
    } else {
      taken.insert(new, at: place)
    }
  }
}
