import KernelTraces

/// What is made of a trace.
///
/// Verified: nothing traps; a converted trace reads back to as many events of each kind at the same
/// times. Not verified: that summaries and timelines are right, which unit tests do.
enum OutputTarget {
  static func test(_ bytes: [UInt8]) {
    var summary = TraceSummary(reusePagesMax: 64)
    var cutter = TraceCutter(.phase("start"))
    var timeline = TimelineWriter(slicesMax: 4, window: UInt64(bytes.first ?? 0))
    var operations = OperationWriter((bytes.first ?? 0) & 1 == 0 ? .csv : .jsonLines)
    var mappings = RecordedMappings()
    var work = RecordedWork()
    let format = [TraceFormat.ftrace, .perf, .traceCommand][Int(bytes.first ?? 0) % 3]
    var writer = TraceTextWriter(format)
    var text: [UInt8] = []
    var output: [UInt8] = []
    var events: [Stamp] = []
    let isWhole = read(bytes.dropFirst()) { line, parser in
      cutter.take(line, from: parser, into: &output)
      writer.take(line, from: parser, into: &text)
      guard case .event(let event) = line else { return }
      events.append(Stamp(event, parser))
      summary.consume(event, from: parser)
      mappings.consume(event, from: parser, into: &work)
      var copy = work
      timeline.takeAll(from: &copy, into: &output)
      operations.takeAll(from: &work, into: &output)
      output.removeAll(keepingCapacity: true)
    }
    summary.finish()
    cutter.finish(into: &output)
    timeline.finish(at: summary.reconciliation.timeLast, into: &output)
    if !isWhole { return }
    var back: [Stamp] = []
    _ = read(text[...]) { line, parser in
      if case .event(let event) = line { back.append(Stamp(event, parser)) }
    }
    promise(back == events, "\(back.count) of \(events.count) events come back")
  }

  /// What an event is known by.
  private struct Stamp: Equatable {
    var time: UInt64
    var cpu: Int
    var task: Int
    var kind: String

    init(_ event: TraceEvent, _ parser: borrowing TraceParser) {
      time = event.time
      cpu = event.cpu
      task = event.task
      switch event.kind {
      case .mark: kind = "mark " + parser.markText
      case .other(let name): kind = "other " + parser.text(of: name)
      // Devices are numbered as they are met, also in damaged lines, which do not come back.
      case .dmaMap(let map): kind = "\(parser.text(of: map.device)) \(map.iova) \(map.physical)"
      case .dmaUnmap(let unmap): kind = "\(parser.text(of: unmap.device)) \(unmap.iova)"
      case .dmaAllocate(let memory): kind = "\(parser.text(of: memory.device)) \(memory.iova)"
      case .dmaFree(let memory): kind = "\(parser.text(of: memory.device)) \(memory.iova)"
      case .dmaMapScatterGather(let list), .dmaUnmapScatterGather(let list):
        kind = "\(parser.text(of: list.device)) \(list.entries) \(parser.scatter)"
      default: kind = "\(event.kind)"
      }
    }
  }

  /// Reads a whole text; `false` where it is no trace.
  private static func read(
    _ bytes: ArraySlice<UInt8>, _ body: (TraceLine, borrowing TraceParser) -> Void
  ) -> Bool {
    var parser = TraceParser(file: "input", onMalformedLine: .countAndContinue)
    parser.append(Array(bytes))
    parser.finish()
    do throws(TraceError) {
      while let line = try parser.nextLine() { body(line, parser) }
      return true
    } catch {
      return false
    }
  }
}
