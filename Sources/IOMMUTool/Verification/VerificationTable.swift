import IOMMU
import KernelTraces

/// A verification as a table for people: what was recorded beside what the model did.
enum VerificationTable {
  /// The table with a line above it that says what was compared, and remarks below.
  static func text(_ verification: Verification) -> String {
    let report = verification.report
    let kernel = VerifyOptions.name(of: report.kernel)
    let policy = PolicySpelling.spelling(of: PolicyChoice(report.policy))
    var lines = [
      "\(verification.path): \(kernel), \(policy), \(report.cpus) "
        + "processor\(report.cpus == 1 ? "" : "s"), \(aperture(report))",
      "",
      row("", "recorded", "modelled", "equal"),
      row(
        "addresses handed out", report.iova.compared, report.iova.compared,
        report.iova.compared - report.iova.divergences),
      row("range refreshes", report.range.recorded, report.range.modelled, report.range.equal),
      row(
        "global refreshes", report.global.recorded, report.global.modelled,
        report.global.exhaustion + report.global.queueFull + report.global.timer),
      "",
    ]
    lines += remarks(report)
    lines += reconciliation(verification) + verification.notes
    lines += report.differences.map { difference in
      "line \(difference.line), \(seconds(difference.time)): \(difference.text)"
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func row(_ head: String, _ numbers: Int...) -> String {
    row(head, numbers.map { String($0) })
  }

  private static func row(_ head: String, _ cells: String...) -> String { row(head, cells) }

  private static func row(_ head: String, _ cells: [String]) -> String {
    let head = head + String(repeating: " ", count: max(0, 22 - head.count))
    return head
      + cells.map { String(repeating: " ", count: max(0, 10 - $0.count)) + $0 }.joined()
  }

  private static func aperture(_ report: VerificationReport) -> String {
    let first = String(report.aperture.address, radix: 16)
    let size = Quantity.byteCount.spelling(of: report.aperture.pages &* 4_096)
    return "\(size) from 0x\(first)" + (report.isApertureKnown ? "" : " (inferred)")
  }

  private static func seconds(_ time: UInt64) -> String {
    (FixedDecimal.text(Double(time) / 1e9, decimals: 6) ?? "?") + " s"
  }

  private static func remarks(_ report: VerificationReport) -> [String] {
    let lost = report.lost
    let global = report.global
    var lines = [
      "\(report.maps) maps and \(report.unmaps) unmaps in the trace, "
        + (lost.total == 0 ? "no event lost" : "\(lost.total) events lost")
    ]
    lines += [
      (lost.unmapsByBuffer, "unmaps lost: their buffer was mapped again"),
      (lost.unmapsByAddress, "unmaps lost: their addresses were handed out again"),
      (lost.maps, "unmaps of what the trace does not map"),
      (lost.calls, "calls to map lost: told by what follows"),
      (lost.returns, "returns of maps lost"),
      (lost.refreshes, "range refreshes lost"),
      (lost.globals, "global refreshes lost"),
      (lost.unexplained, "refreshes that nothing explains"),
      (report.iova.reclaim, "divergences where a depot was reclaimed at another moment"),
      (report.iova.reordered, "allocations told in another order than they were made in"),
      (report.iova.unpredictable, "addresses not compared: they depend on what came before"),
    ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    if report.range.recorded == 0 && global.recorded == 0 {
      lines.append("invalidations not compared: the trace shows none")
    }
    if global.timer > 0 {
      lines.append(
        "\(global.timer) of the global refreshes by the queue's timer, at most "
          + (FixedDecimal.text(Double(global.worstOffset) / 1e6, decimals: 1) ?? "?")
          + " ms from the model's time; \(global.hertz ?? 0) ticks a second fit best")
    }
    return lines
  }

  private static func reconciliation(_ verification: Verification) -> [String] {
    let counters = verification.report.counters
    let own = KernelCounters.known.map { "\($0.name) \($0.value(counters))" }
    var lines = ["counters, with what was lost: " + own.joined(separator: ", ")]
    for line in verification.counters?.compared(with: counters) ?? [] {
      let verdict = line.kernel == line.trace ? "as the kernel counted" : "differs"
      lines.append("  \(line.name): kernel \(line.kernel), trace \(line.trace): \(verdict)")
    }
    return lines
  }
}
