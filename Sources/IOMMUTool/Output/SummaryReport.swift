import KernelTraces

/// A trace's summary for people and for programs.
struct SummaryReport {
  /// The trace as the user named it.
  let path: String
  let summary: TraceSummary
  let statistics: TraceStatistics

  var reconciliation: ReconciliationSummary { summary.reconciliation }
  var duration: UInt64 { reconciliation.durationNanoseconds }

  /// The percentiles that are told, in thousandths.
  static let perMilles: [UInt64] = [500, 900, 990, 999]

  /// What was repaired, each with the words for it; the names are JSON's keys.
  var repairs: [(key: String, count: UInt64, words: String)] {
    let summary = reconciliation
    return [
      ("lostMaps", UInt64(summary.lostMaps), "maps without an address left out"),
      ("failedMaps", UInt64(summary.failedMaps), "maps that the kernel refused"),
      ("lostReturns", UInt64(summary.lostReturns), "maps whose return was lost"),
      ("unpairedReturns", UInt64(summary.unpairedReturns), "returns without a map"),
      (
        "impliedUnmaps", UInt64(summary.impliedUnmaps),
        "unmaps inferred from the next use of their addresses"
      ),
      ("unknownUnmaps", UInt64(summary.unknownUnmaps), "unmaps of unknown addresses left out"),
      ("partialUnmaps", UInt64(summary.partialUnmaps), "unmaps of a part of a mapping"),
      ("jointUnmaps", UInt64(summary.jointUnmaps), "unmaps of several mappings at once"),
      ("nonsense", UInt64(summary.nonsense), "events that make no sense left out"),
      (
        "timeReversals", UInt64(summary.timeReversals),
        "events moved to the time of the one before"
      ),
    ]
  }

  /// The recorded format's name.
  var formatName: String {
    switch statistics.format {
    case .ftrace: "ftrace"
    case .perf: "perf"
    case .traceCommand: "trace-cmd"
    case nil: "unknown"
    }
  }

  /// Whether stale pages mean anything: the trace shows invalidations.
  var hasInvalidations: Bool {
    reconciliation.rangeInvalidations + reconciliation.globalInvalidations > 0
  }
}
