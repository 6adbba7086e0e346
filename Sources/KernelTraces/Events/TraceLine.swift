/// One line of a trace's text.
public enum TraceLine: Sendable {
  /// An event.
  case event(TraceEvent)
  /// Anything else.
  case without(Form)

  /// What a line is that holds no event.
  public enum Form: Equatable, Sendable {
    /// Nothing but blanks.
    case blank
    /// A comment, such as ftrace's header.
    case comment
    /// What trace-cmd writes before its first event.
    case header
    /// The kernel's or the tool's word that events were lost here: on which processor, and how
    /// many where it says.
    case loss(cpu: UInt64, count: UInt64?)
    /// Neither a comment nor an event, such as a line of a call chain.
    case foreign
    /// An event that does not parse, and was counted.
    case malformed
  }
}

/// Where the parts of an event's line stand, as places in the parser's buffer.
struct LineLayout: Sendable {
  /// The task's name.
  var taskName = 0..<0
  /// The digits of the time.
  var time = 0..<0
  /// The column of flags, where there is one.
  var flags: Range<Int>?
  /// Whether the line names a processor.
  var namesCPU = false
  /// The event's system with its colon, where the line has one.
  var system = 0..<0
  /// The event's name without its colon.
  var event = 0..<0
  /// What follows the name; a mark's text alone.
  var body = 0..<0

  /// No line yet.
  init() {}

  /// The layout of a line that begins at `start`, as far as its prefix tells.
  init(_ prefix: LinePrefix, start: Int) {
    taskName = start..<prefix.taskNameEnd
    time = prefix.timeText
    flags = prefix.flags
    namesCPU = prefix.namesCPU
  }

  /// Adds the event's parts: the word from `start`, of which `name` is the end, and what follows.
  mutating func setEvent(_ start: Int, _ name: Range<Int>, body: Int, end: Int) {
    system = start..<name.lowerBound
    event = name
    self.body = body..<end
  }
}
