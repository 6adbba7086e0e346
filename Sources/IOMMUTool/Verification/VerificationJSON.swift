import IOMMU
import KernelTraces

/// A verification as JSON: the keys and their order are a promise to whoever reads them by program.
enum VerificationJSON {
  /// The whole document, with a line end.
  static func text(_ verification: Verification) -> String {
    let report = verification.report
    return JSONText.object([
      ("kernel", .string(VerifyOptions.name(of: report.kernel))),
      ("policy", .string(PolicySpelling.spelling(of: PolicyChoice(report.policy)))),
      ("holds", .boolean(verification.failure == nil)),
      ("maps", .integer(UInt64(report.maps))),
      ("unmaps", .integer(UInt64(report.unmaps))),
      ("aperture", aperture(report)),
      ("iova", iova(report.iova)),
      (
        "invalidations",
        .object([("range", range(report.range)), ("global", global(report.global))])
      ),
      ("lost", lost(report.lost)),
      ("malformed", .malformed(verification.malformed)),
      ("counters", counters(verification)),
      ("differences", .array(report.differences.map(difference))),
    ]).text + "\n"
  }

  private static func aperture(_ report: VerificationReport) -> JSONText {
    .object([
      ("first", .string("0x" + String(report.aperture.address, radix: 16))),
      ("bytes", .integer(report.aperture.pages &* 4_096)),
      ("inferred", .boolean(!report.isApertureKnown)),
    ])
  }

  private static func iova(_ iova: VerificationReport.Addresses) -> JSONText {
    .object([
      ("compared", .integer(UInt64(iova.compared))),
      ("divergences", .integer(UInt64(iova.divergences))),
      ("reclaim", .integer(UInt64(iova.reclaim))),
      ("reordered", .integer(UInt64(iova.reordered))),
      ("unpredictable", .integer(UInt64(iova.unpredictable))),
    ])
  }

  private static func range(_ range: VerificationReport.Ranges) -> JSONText {
    .object([
      ("recorded", .integer(UInt64(range.recorded))),
      ("modelled", .integer(UInt64(range.modelled))),
      ("equal", .integer(UInt64(range.equal))),
    ])
  }

  private static func global(_ global: VerificationReport.Globals) -> JSONText {
    .object([
      ("recorded", .integer(UInt64(global.recorded))),
      ("modelled", .integer(UInt64(global.modelled))),
      ("worstOffsetMilliseconds", .decimal(Double(global.worstOffset) / 1e6, decimals: 3)),
      ("exhaustion", .integer(UInt64(global.exhaustion))),
      ("queueFull", .integer(UInt64(global.queueFull))),
      ("timer", .integer(UInt64(global.timer))),
      ("hertz", global.hertz.map { .integer($0) } ?? .null),
    ])
  }

  private static func lost(_ lost: VerificationReport.Losses) -> JSONText {
    .object([
      ("total", .integer(UInt64(lost.total))),
      ("unmapsByAddress", .integer(UInt64(lost.unmapsByAddress))),
      ("unmapsByBuffer", .integer(UInt64(lost.unmapsByBuffer))),
      ("maps", .integer(UInt64(lost.maps))),
      ("calls", .integer(UInt64(lost.calls))),
      ("returns", .integer(UInt64(lost.returns))),
      ("refreshes", .integer(UInt64(lost.refreshes))),
      ("globalRefreshes", .integer(UInt64(lost.globals))),
      ("unexplainedRefreshes", .integer(UInt64(lost.unexplained))),
    ])
  }

  private static func counters(_ verification: Verification) -> JSONText {
    var members: [(key: String, value: JSONText)] = KernelCounters.known.map {
      ($0.name, .integer($0.value(verification.report.counters)))
    }
    if let counters = verification.counters {
      members.append(("kernel", .object(counters.values.map { ($0.name, .integer($0.value)) })))
    }
    return .object(members)
  }

  private static func difference(_ difference: VerificationReport.Difference) -> JSONText {
    .object([
      ("line", .integer(UInt64(difference.line))),
      ("seconds", .decimal(Double(difference.time) / 1e9, decimals: 6)),
      ("text", .string(difference.text)),
    ])
  }
}
