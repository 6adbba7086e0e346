import KernelTraces

/// The parser and the reconciliation.
///
/// Verified: nothing traps; every byte belongs to one line; lines, events and malformed lines add
/// up; a mapping is made once and ends at most once; what is live is what was made and not ended;
/// time does not run backwards. Not verified: that the mappings are those that the kernel made.
enum TraceTarget {
  static func test(_ bytes: [UInt8]) {
    var parser = TraceParser(file: "input", onMalformedLine: .countAndContinue)
    var mappings = RecordedMappings()
    var ledger = Ledger()
    var lines = Lines()
    // The first byte says in which pieces the rest arrives.
    let piece = Int(bytes.first ?? 0) + 1
    var rest = bytes.dropFirst()
    do throws(TraceError) {
      while true {
        parser.append(Array(rest.prefix(piece)))
        rest = rest.dropFirst(piece)
        if rest.isEmpty { parser.finish() }
        while let line = try parser.nextLine() {
          lines.count(line, parser)
          guard case .event(let event) = line else { continue }
          mappings.consume(event, from: parser, into: &ledger.work)
          ledger.takeAll()
        }
        if rest.isEmpty { break }
      }
      promise(lines.text == Array(bytes.dropFirst()), "every byte belongs to one line")
    } catch {
      promise([65, 66].contains(error.exitCode), "an error of the input: \(error)")
      promise(lines.text.count <= bytes.count, "no byte belongs to two lines")
    }
    lines.check(parser.statistics)
    mappings.finish(into: &ledger.work)
    ledger.takeAll()
    ledger.check(mappings.summary)
  }

  /// What the lines add up to.
  private struct Lines {
    var text: [UInt8] = []
    var lines = 0
    var events = 0
    var malformed = 0
    var foreign = 0

    mutating func count(_ line: TraceLine, _ parser: borrowing TraceParser) {
      parser.appendLine(to: &text)
      lines += 1
      switch line {
      case .event: events += 1
      case .without(.malformed): malformed += 1
      case .without(.foreign): foreign += 1
      case .without: break
      }
    }

    /// The line at which an error was thrown is counted and not handed out.
    func check(_ statistics: TraceStatistics) {
      promise(statistics.lines - lines <= 1, "\(lines) lines of \(statistics.lines)")
      promise(statistics.events.total == events, "\(events) events")
      promise(
        statistics.events.byName.reduce(0) { $0 + $1.count } == events, "events by name")
      promise(statistics.malformedLines == malformed, "\(malformed) malformed lines")
      promise((statistics.firstMalformed == nil) == (malformed == 0), "the first malformed line")
      promise(statistics.foreignLines - foreign <= 1, "\(foreign) foreign lines")
    }
  }
}

/// The mappings in flight, from the operations alone.
struct Ledger {
  var work = RecordedWork()
  private var live: Set<UInt64> = []
  private var made: Set<UInt64> = []
  private var implied = 0
  private var recorded = 0
  private var time: UInt64 = 0

  mutating func takeAll() {
    for operation in work.operations {
      promise(operation.time >= time, "time does not run backwards")
      time = operation.time
      switch operation.kind {
      case .map(let map):
        promise(made.insert(map.mapping).inserted, "mapping \(map.mapping) is made once")
        live.insert(map.mapping)
        let segments = work.segments(of: map)
        promise(!segments.isEmpty, "a mapping has segments")
        promise(segments.allSatisfy { $0.first <= $0.last }, "a segment has bytes")
        promise(
          segments.allSatisfy { map.first <= $0.first && $0.last <= map.last },
          "a segment is inside")
      case .unmap(let mapping, let cause):
        promise(live.remove(mapping) != nil, "mapping \(mapping) ends once")
        if cause == .implied { implied += 1 } else { recorded += 1 }
      case .unmapPart(let mapping, let first, let last):
        promise(live.contains(mapping) && first <= last, "a part of a live mapping")
      case .invalidate(let invalidation):
        promise(invalidation.first <= invalidation.last, "an invalidation has bytes")
      case .mark(let index): promise(work.marks.indices.contains(index), "a mark has a text")
      }
    }
    work.removeAll()
  }

  func check(_ summary: ReconciliationSummary) {
    promise(summary.maps == made.count, "\(made.count) maps of \(summary.maps)")
    promise(summary.unmaps == recorded, "\(recorded) unmaps of \(summary.unmaps)")
    promise(summary.impliedUnmaps == implied, "\(implied) of \(summary.impliedUnmaps) implied")
    promise(summary.liveMappings == live.count, "\(live.count) live of \(summary.liveMappings)")
    promise((summary.livePages == 0) == live.isEmpty, "\(summary.livePages) live pages")
    promise(summary.livePagesMax >= summary.livePages, "the most live pages")
  }
}
