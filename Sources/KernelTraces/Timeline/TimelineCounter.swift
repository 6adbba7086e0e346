/// One counter of a timeline, written no more often than its window allows.
///
/// Within a window it is written at most twice: its highest value, at the time when it was reached,
/// and its last. When it has been written `eventsMax` times, the window doubles, so that a trace of
/// any length gives a bounded number of events.
struct TimelineCounter: Sendable {
  /// After so many events the window doubles.
  static let eventsMax = 20_000

  /// A value and when the counter took it.
  private struct Point {
    var value: UInt64
    var time: UInt64
  }

  let name: String
  /// Nanoseconds in which the counter is written at most twice.
  private(set) var window: UInt64
  /// The highest and the last value of this window that are not written yet.
  private var waiting: (highest: Point, last: Point)?
  private var written: UInt64?
  private var events = 0

  init(_ name: String, window: UInt64) {
    self.name = name
    self.window = max(1, window)
  }

  /// Sets the counter at `time`, which is not before the last.
  mutating func set(_ value: UInt64, at time: UInt64, into output: inout [UInt8]) {
    let point = Point(value: value, time: time)
    guard let (highest, last) = waiting else {
      if written != value { waiting = (point, point) }
      return
    }
    if last.value == value { return }
    if time / window != last.time / window {
      flush(into: &output)
      if written != value { waiting = (point, point) }
    } else {
      waiting = (value > highest.value ? point : highest, point)
    }
  }

  /// Writes what waits.
  mutating func flush(into output: inout [UInt8]) {
    guard let (highest, last) = waiting else { return }
    if highest.value > last.value, highest.value > written ?? 0 { write(highest, &output) }
    if last.value != written { write(last, &output) }
    waiting = nil
    if events >= Self.eventsMax, window < 1 << 62 {
      events = 0
      window *= 2
    }
  }

  private mutating func write(_ point: Point, _ output: inout [UInt8]) {
    output.append(text: ",\n{\"ph\":\"C\",\"pid\":1,\"ts\":")
    output.append(time: point.time, unit: 1_000)
    output.append(text: ",\"name\":\"\(name)\",\"args\":{\"value\":")
    output.append(decimal: point.value)
    output.append(text: "}}")
    written = point.value
    events += 1
  }
}
