/// What the image says of one processor: a line that begins with `processor`, numbers by name.
struct BootProcessor: Equatable, Sendable {
  /// Its number, from 0.
  var number: UInt64
  /// The requests that it made and saw done.
  var requests: UInt64
  /// Looks at its queue that found nothing done.
  var looks: UInt64
  /// Waits for interruptions.
  var waits: UInt64
  /// What the waits ended by: interruptions of devices, of other processors, of the clock.
  var interruptions: UInt64
  var signals: UInt64
  var alarms: UInt64
  /// Waits that nothing ended for seconds.
  var silences: UInt64

  /// The processors in what a machine printed, in its order, lines with missing numbers left out.
  static func all(in lines: [String]) -> [BootProcessor] {
    lines.compactMap { $0.hasPrefix("processor ") ? BootProcessor(line: $0) : nil }
  }

  private init?(line: String) {
    let numbers = BootLine.numbers(line)
    guard let number = numbers["number"], let requests = numbers["requests"],
      let looks = numbers["looks"], let waits = numbers["waits"],
      let interruptions = numbers["interruptions"], let signals = numbers["signals"],
      let alarms = numbers["alarms"], let silences = numbers["silences"]
    else { return nil }
    self.number = number
    self.requests = requests
    self.looks = looks
    self.waits = waits
    self.interruptions = interruptions
    self.signals = signals
    self.alarms = alarms
    self.silences = silences
  }

  /// What does not hold; `nil` where all is well.
  var complaint: String? {
    if requests == 0 { return "processor \(number) made no request" }
    if silences > 0 {
      return "processor \(number) waited for seconds, \(silences) times, and nothing came"
    }
    // One interruption ends one wait, and none comes but in a wait.
    if interruptions + signals + alarms != waits {
      return "processor \(number) waited \(waits) times and took "
        + "\(interruptions + signals + alarms) interruptions"
    }
    return nil
  }

  /// A line for people.
  func note(_ completion: BootWay.Completion) -> String {
    let done = "processor \(number): \(requests) requests, \(looks) looks in vain"
    if completion == .poll { return done }
    return done
      + ", \(waits) waits, ended by the function \(interruptions), by processors \(signals), "
      + "by the clock \(alarms)"
  }
}
