import KernelTraces
import Testing

/// The repository's traces, found from this file's own place.
enum Traces {
  static let directory: String = {
    var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    parts.removeLast(4)
    return parts.joined(separator: "/") + "/Traces"
  }()

  static func path(_ name: String) -> String { "\(directory)/\(name).ftrace.xz" }

  /// The events and the work of a trace in a file.
  static func read(_ path: String) async throws -> RecordedTrace {
    var work = RecordedWork()
    var mappings = RecordedMappings()
    let statistics = try await TraceFile.read(path) { event, parser in
      mappings.consume(event, from: parser, into: &work)
    }
    mappings.finish(into: &work)
    return RecordedTrace(statistics: statistics, summary: mappings.summary, work: work)
  }

  /// The events and the work of a trace in a string.
  static func read(text: String) throws -> RecordedTrace {
    var work = RecordedWork()
    var mappings = RecordedMappings()
    var parser = TraceParser(file: "text")
    parser.append(text)
    parser.finish()
    while let event = try parser.next() {
      mappings.consume(event, from: parser, into: &work)
    }
    mappings.finish(into: &work)
    return RecordedTrace(statistics: parser.statistics, summary: mappings.summary, work: work)
  }
}

struct RecordedTrace {
  var statistics: TraceStatistics
  var summary: ReconciliationSummary
  var work: RecordedWork
}

extension TraceParser {
  mutating func append(_ text: String) {
    append(Array(text.utf8))
  }
}
