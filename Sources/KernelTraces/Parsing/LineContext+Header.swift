extension LineContext {
  /// Reads what ftrace writes into its header's comments.
  ///
  /// Source: Linux kernel/trace/trace.c, `print_event_info`:
  /// `# entries-in-buffer/entries-written: 12/34   #P:2`.
  mutating func readComment(_ start: LineCursor, in bytes: Span<UInt8>) {
    var cursor = start
    guard cursor.skip("# entries-in-buffer/entries-written:", in: bytes) else { return }
    cursor.skipBlanks(in: bytes)
    guard let kept = cursor.count(in: bytes) else { return }
    guard cursor.skip("/", in: bytes), let written = cursor.count(in: bytes) else { return }
    statistics.entriesInBuffer = kept
    statistics.entriesWritten = written
    cursor.skipBlanks(in: bytes)
    if cursor.skip("#P:", in: bytes) { statistics.processors = cursor.count(in: bytes) }
  }

  /// Reads a report of lost events and other lines that are known not to be events; `false` for
  /// lines that are none of them.
  ///
  /// Source: Linux kernel/trace/trace.c, `print_trace_line`: `CPU:0 [LOST 123 EVENTS]`. trace-cmd
  /// writes `CPU:0 [123 EVENTS DROPPED]` or `CPU:0 [EVENTS DROPPED]`, and starts with `cpus=2`.
  mutating func readLoss(_ start: LineCursor, in bytes: Span<UInt8>) -> Bool {
    var cursor = start
    if cursor.skip("cpus=", in: bytes) || cursor.skip("version =", in: bytes) {
      isTraceCommand = true
      form = .header
      return true
    }
    guard cursor.skip("CPU:", in: bytes), let cpu = cursor.count(in: bytes) else { return false }
    cursor.skipBlanks(in: bytes)
    guard cursor.skip("[", in: bytes) else { return false }
    let isFtrace = cursor.skip("LOST ", in: bytes)
    let count = cursor.count(in: bytes)
    cursor.skipBlanks(in: bytes)
    guard cursor.skip(isFtrace ? "EVENTS]" : "EVENTS DROPPED]", in: bytes) else { return false }
    countLoss(cpu, count)
    return true
  }

  /// Reads a record that perf writes among its samples, `PERF_RECORD_LOST lost 12` after a prefix;
  /// `false` where it is none.
  ///
  /// Source: Linux tools/perf/util/event.c, `perf_event__fprintf` and `perf_event__fprintf_lost`;
  /// `perf script` prints them when asked, with `--show-lost-events` and the like.
  mutating func readPerfRecord(
    _ start: LineCursor, cpu: Int, in bytes: Span<UInt8>
  ) -> Bool {
    var cursor = start
    cursor.skipBlanks(in: bytes)
    guard cursor.skip("PERF_RECORD_", in: bytes) else { return false }
    guard cursor.skip("LOST ", in: bytes) else {
      countForeign()
      return true
    }
    cursor.skipBlanks(in: bytes)
    _ = cursor.skip("lost ", in: bytes)
    cursor.skipBlanks(in: bytes)
    countLoss(UInt64(cpu), cursor.count(in: bytes))
    return true
  }

  private mutating func countLoss(_ cpu: UInt64, _ count: UInt64?) {
    form = .loss(cpu: cpu, count: count)
    if let count {
      let (sum, overflow) = statistics.lostEvents.addingReportingOverflow(count)
      statistics.lostEvents = overflow ? .max : sum
    } else {
      statistics.uncountedLosses += 1
    }
  }
}

extension LineCursor {
  /// A number, or `nil` where none follows.
  fileprivate mutating func count(in bytes: Span<UInt8>) -> UInt64? {
    do throws(LineProblem) {
      return try number(in: bytes)
    } catch {
      return nil
    }
  }
}
