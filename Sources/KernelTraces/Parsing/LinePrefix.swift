/// What stands before an event's name: task, processor and time.
///
/// ftrace and trace-cmd write `task-pid [cpu] flags seconds.fraction: `, with or without the flags;
/// perf writes `task pid [cpu] seconds.fraction: `, where `[cpu]` may be missing. A task's name may
/// hold anything, so the fields are read backwards from the time.
struct LinePrefix {
  var time: UInt64
  var cpu: Int
  var task: Int
  var format: TraceFormat
  /// The first byte after the time's colon.
  var bodyStart: Int
  /// The digits of the time.
  var timeText: Range<Int>
  /// The column of flags, such as `d.h1.`, where there is one.
  var flags: Range<Int>?
  /// Whether the line names a processor.
  var namesCPU: Bool
  /// One past the last byte of the task's name.
  var taskNameEnd: Int

  /// No prefix reaches further into a line.
  private static let lengthMax = 256

  /// Reads the prefix of the line at `range`, or tells the byte where reading stopped.
  static func read(
    _ range: Range<Int>, in bytes: Span<UInt8>
  ) throws(LineProblem) -> LinePrefix {
    var position = range.lowerBound
    let end = min(range.upperBound, range.lowerBound + lengthMax)
    var problem = LineProblem(position: position, expected: "task, processor and time")
    while true {
      while position < end, bytes[position] != UInt8(ascii: ":") { position += 1 }
      if position >= end { throw problem }
      let isEnd = position + 1 == range.upperBound || bytes[position + 1] == .space
      if isEnd, position > range.lowerBound, bytes[position - 1].isDigit {
        do throws(LineProblem) {
          return try read(before: position, from: range.lowerBound, in: bytes)
        } catch {
          problem = error
        }
      }
      position += 1
    }
  }

  /// Reads backwards from the colon at `colon`.
  private static func read(
    before colon: Int, from start: Int, in bytes: Span<UInt8>
  ) throws(LineProblem) -> LinePrefix {
    var back = BackwardCursor(position: colon, start: start)
    let time = try back.time(in: bytes)
    let timeText = back.position..<colon
    var token = try back.token("a processor in brackets", in: bytes)
    var flags: Range<Int>?
    if bytes[token.lowerBound] != UInt8(ascii: "["), !isTask(token, in: bytes) {
      flags = token
      token = try back.token("a processor in brackets", in: bytes)
    }
    var cpu = 0
    let namesCPU = bytes[token.lowerBound] == UInt8(ascii: "[")
    if namesCPU {
      cpu = try bracketed(token, in: bytes)
    } else if flags != nil {
      throw LineProblem(position: token.lowerBound, expected: "a processor in brackets")
    } else {
      back.position = token.upperBound
    }
    back.skipThreadGroup(in: bytes)
    let (task, isJoined) = try back.task(in: bytes)
    return LinePrefix(
      time: time, cpu: cpu, task: task, format: isJoined ? .ftrace : .perf, bodyStart: colon + 1,
      timeText: timeText, flags: flags, namesCPU: namesCPU, taskNameEnd: back.position)
  }

  /// Whether a token is a thread's number: perf leaves the processor out when it was not recorded.
  private static func isTask(_ token: Range<Int>, in bytes: Span<UInt8>) -> Bool {
    for position in token where !(bytes[position].isDigit || bytes[position] == UInt8(ascii: "/")) {
      return false
    }
    return true
  }

  private static func bracketed(
    _ token: Range<Int>, in bytes: Span<UInt8>
  ) throws(LineProblem) -> Int {
    var cursor = LineCursor(position: token.lowerBound + 1, end: token.upperBound)
    let value = try cursor.number(in: bytes)
    guard cursor.isAt(UInt8(ascii: "]"), in: bytes), cursor.position + 1 == cursor.end else {
      throw cursor.problem("']'")
    }
    guard value < 1 << 16 else {
      throw LineProblem(position: token.lowerBound, expected: "a processor below 65536")
    }
    return Int(value)
  }
}
