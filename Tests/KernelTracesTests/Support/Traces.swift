import KernelTraces
import Testing

/// The repository's traces, found from this file's own place.
enum Traces {
  static let directory: String = {
    var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    parts.removeLast(4)
    return parts.joined(separator: "/") + "/Traces"
  }()

  /// The directory of the small files for tests.
  static var fixtures: String { "\(directory)/../Tests/Fixtures/traces" }

  static let all = [
    "s390x/linux-6.1-lazy-mixed",
    "s390x/linux-6.1-lazy-qd1-qd4-4k",
    "s390x/linux-6.1-lazy-wrap-256m",
    "s390x/linux-6.1-strict-qd1-qd4-4k",
    "s390x/linux-6.12-fq-mixed",
    "s390x/linux-6.12-fq-qd1-qd4-4k",
    "s390x/linux-6.12-strict-qd1-qd4-4k",
    "x86-64/linux-6.1.0-50-amd64.intel-strict.iommu",
    "x86-64/linux-6.12.95+deb12-amd64.intel-lazy.iommu+dma+intel",
    "x86-64/linux-6.12.95+deb12-amd64.intel-strict.iommu+dma+intel",
    "x86-64/linux-7.3.4+deb13-amd64.intel-lazy.iommu+dma+intel",
  ]

  /// Those that a slow but obvious method reads in little time.
  static let small = all.filter { $0.contains("mixed") || $0.hasPrefix("x86-64") }

  /// Those that are read again in another language's terms, such as JSON.
  static let smallest = small.filter { $0.hasPrefix("x86-64") }

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
