/// Draws recorded operations as a timeline in the Trace Event Format, which Perfetto and Chrome
/// open.
///
/// | track | kind | what |
/// |---|---|---|
/// | `mappings of processor N` | nestable async slices, `b` and `e` | each, from map to unmap |
/// | `maps in flight`, `pages in flight` | counters, `C` | of all processors |
/// | `stale pages` | counter, `C` | unmapped, and not invalidated by the recorded kernel since |
/// | `invalidations of processor N` | thread instants, `i` | with range, pages and what for |
/// | marks | global instants, `i` | by their text |
///
/// The output is bounded: at most `slicesMax` mappings, as many invalidations of ranges, as many
/// global ones and as many marks are drawn, the first ones; what is left out is counted. Counters
/// go on to the end, see `TimelineCounter`. A mapping that is still mapped at the end ends there.
///
/// Memory: what is in flight and what is stale. Source of the format: Trace Event Format, Google,
/// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU, sections JSON
/// Object Format, Instant Events, Counter Events, Async Events and Metadata Events; Perfetto's
/// documentation, https://perfetto.dev/docs/getting-started/other-formats, lists what it imports.
public struct TimelineWriter: Sendable {
  /// The most slices or instants of each kind.
  public let slicesMax: Int
  /// What is drawn and what is left out, so far.
  public internal(set) var counts = Counts()

  /// What is drawn and what is left out.
  public struct Counts: Equatable, Sendable {
    /// Mappings drawn.
    public internal(set) var mappings = 0
    /// Mappings beyond `slicesMax`.
    public internal(set) var mappingsLeftOut = 0
    /// Mappings that had no unmap up to the end.
    public internal(set) var mappingsOpen = 0
    /// Invalidations drawn.
    public internal(set) var invalidations = 0
    /// Invalidations beyond `slicesMax`.
    public internal(set) var invalidationsLeftOut = 0
    /// Marks drawn.
    public internal(set) var marks = 0
    /// Marks beyond `slicesMax`.
    public internal(set) var marksLeftOut = 0
  }

  private var live = LiveMappings()
  private var stale = StalePages()
  /// The processors of the mappings in flight that are drawn.
  var drawn: [UInt64: Int] = [:]
  var named: Set<Int> = []
  var globals = 0
  var ranges = 0
  private var timeLast: UInt64 = 0
  private var maps: TimelineCounter
  private var pages: TimelineCounter
  private var stalePages: TimelineCounter

  /// A writer at the start of a trace; `window` is the time in nanoseconds within which a counter
  /// is written at most twice.
  public init(slicesMax: Int, window: UInt64) {
    self.slicesMax = slicesMax
    maps = TimelineCounter("maps in flight", window: window)
    pages = TimelineCounter("pages in flight", window: window)
    stalePages = TimelineCounter("stale pages", window: window)
  }

  /// Writes the head of the document; `title` names the recording.
  public func begin(_ title: String, into output: inout [UInt8]) {
    output.append(text: "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n")
    output.append(text: "{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\",\"args\":{\"name\":")
    output.append(json: title)
    output.append(text: "}}")
  }

  /// Draws all operations of `work` and forgets them.
  ///
  /// Complexity: O(log n) for each page range, in the ranges that are stale.
  public mutating func takeAll(from work: inout RecordedWork, into output: inout [UInt8]) {
    for operation in work.operations {
      let time = operation.time
      timeLast = time
      switch operation.kind {
      case .map(let map):
        live.map(map, work.segments(of: map), at: time, cpu: operation.cpu)
        drawStart(map, operation, &output)
      case .unmap(let mapping, let cause):
        for range in live.end(mapping)?.ranges ?? [] { stale.add(range) }
        if let cpu = drawn.removeValue(forKey: mapping) {
          drawEnd(mapping, cpu, time, cause.word, &output)
        }
      case .unmapPart(let mapping, let first, let last):
        for range in live.take(first, last, from: mapping)?.ranges ?? [] { stale.add(range) }
      case .invalidate(let invalidation):
        stale.take(invalidation)
        draw(invalidation, operation, &output)
      case .mark(let index): drawMark(work.marks[index], operation, &output)
      }
      maps.set(UInt64(live.count), at: time, into: &output)
      pages.set(live.pages, at: time, into: &output)
      stalePages.set(stale.count, at: time, into: &output)
    }
    work.removeAll()
  }

  /// Ends what is in flight, and the document.
  public mutating func finish(at timeLast: UInt64, into output: inout [UInt8]) {
    self.timeLast = max(self.timeLast, timeLast)
    for (mapping, cpu) in drawn.sorted(by: { $0.key < $1.key }) {
      drawEnd(mapping, cpu, self.timeLast, "still mapped at the end", &output)
      counts.mappingsOpen += 1
    }
    drawn.removeAll()
    maps.flush(into: &output)
    pages.flush(into: &output)
    stalePages.flush(into: &output)
    output.append(text: "\n],\"otherData\":{\"mappingsLeftOut\":\(counts.mappingsLeftOut)")
    output.append(text: ",\"invalidationsLeftOut\":\(counts.invalidationsLeftOut)")
    output.append(text: ",\"marksLeftOut\":\(counts.marksLeftOut)}}\n")
  }
}
