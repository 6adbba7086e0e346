import IOMMU
import MachineModel

/// A sweep as text for people: fronts, dominance, and what to choose.
struct TuningTable {
  let sweep: Sweep
  var report: TuningReport { sweep.report }

  /// The whole text, with line ends.
  static func text(_ sweep: Sweep) -> String {
    let table = TuningTable(sweep: sweep)
    var lines = table.head
    for family in sweep.report.families { lines += [""] + table.lines(of: family) }
    lines += [""] + table.advice
    if !table.tail.isEmpty { lines += [""] + table.tail }
    return lines.joined(separator: "\n") + "\n"
  }

  private var head: [String] {
    let added = sweep.refined == 0 ? "" : ", \(sweep.refined) of them to refine the rest"
    let what =
      switch sweep.measure {
      case .longest: "the longest time that a page was stale"
      case .mean: "the mean time that a page was stale"
      case .pageSeconds: "stale pages summed over time"
      }
    return [
      "machine \(sweep.machine.name), workload \(sweep.workload)",
      "\(report.settings.count) settings\(added); \(sweep.runs) runs",
      "relative to \(PolicySpelling.spelling(of: ExperimentRunner.reference)); "
        + "window: \(what), in \(sweep.measure.unit)",
      "inf: nothing bounds it; <: the run did not see it end, so it is what the policy promises; "
        + "of best: of the fastest in the same section",
    ]
  }

  private func lines(of family: TuningReport.Family) -> [String] {
    let suffix = suffix(family.mapSide)
    var lines: [String] = []
    if family.mapSide != .none { lines += ["With \(suffix), which drivers have to support", ""] }
    let fronts = [
      ("rollover", family.rollovers), ("the flush queues", family.queues),
      ("all\(suffix.isEmpty ? "" : " with \(suffix)")", family.all),
    ]
    for (name, front) in fronts where !front.isEmpty {
      lines += ["Front of \(name)", ""] + table(front, family).lines + [""]
    }
    lines += dominance(family)
    while lines.last == "" { lines.removeLast() }
    return lines
  }

  private func table(_ indices: [Int], _ family: TuningReport.Family) -> TextTable {
    let best = family.choice?.bestRate
    var table = TextTable(heads: [
      "policy", "IOPS", "relative", "of best", "window", "longest ms", "mean ms", "page s",
      "per I/O",
    ])
    for index in indices {
      let setting = report.settings[index]
      let row = sweep.row(index)
      table.rows.append([
        row.policy, TextTable.number(row.iops, 0), TextTable.number(row.relative, 3),
        TextTable.number(best.map { setting.rate / $0 }, 3), window(setting),
        TextTable.number(row.staleWindow.maxMilliseconds, 3),
        TextTable.number(row.staleWindow.meanMilliseconds, 3),
        TextTable.number(row.staleWindow.pageSeconds, 3),
        TextTable.number(row.invalidationsPerIO, 3),
      ])
    }
    return table
  }

  private func dominance(_ family: TuningReport.Family) -> [String] {
    let entries = family.dominance.entries
    guard let worst = family.dominance.worst, !family.rollovers.isEmpty else { return [] }
    let count = entries.count { $0.isDominated }
    let factor = TextTable.number(Dominance.factor, 0)
    var table = TextTable(heads: [
      "flush queue", "IOPS", "window", "rollover", "IOPS", "window", "times shorter",
      "times as fast",
    ])
    let exceptions = family.dominance.exceptions
    for entry in exceptions.isEmpty ? [worst] : exceptions {
      let queue = report.settings[entry.queue]
      let rollover = entry.rollover.map { report.settings[$0] }
      table.rows.append([
        PolicySpelling.spelling(of: queue.policy), TextTable.number(queue.rate, 0),
        TextTable.number(queue.exposure.atLeast, 3),
        rollover.map { PolicySpelling.spelling(of: $0.policy) } ?? "none is as fast",
        TextTable.number(rollover?.rate, 0), rollover.map(window) ?? "-",
        TextTable.number(rollover == nil ? nil : entry.windowRatio, 1),
        TextTable.number(rollover == nil ? nil : entry.rateRatio, 3),
      ])
    }
    return [
      "Dominance: for \(count) of \(entries.count) flush queues there is a rollover with no fewer "
        + "IOPS and a window at least \(factor) times shorter.",
      exceptions.isEmpty ? "The closest:" : "Not so for:", "",
    ] + table.lines + shortest(exceptions)
  }

  /// The reason for the exceptions that have one: a window shorter than any invalidation.
  private func shortest(_ exceptions: [Dominance.Entry]) -> [String] {
    let one = Double(sweep.machine.invalidationCost.of(pages: 0...0)) / 1_024e6
    let count = exceptions.count { report.settings[$0.queue].exposure.atLeast < one }
    if count == 0 || sweep.measure == .pageSeconds { return [] }
    return [
      "",
      "\(count) of these queues have a window shorter than one invalidation takes, "
        + "\(TextTable.number(one, 3)) ms: their pages are mapped again before they wait.",
    ]
  }

  private var tail: [String] {
    sweep.refused.map {
      "\(PolicySpelling.spelling(of: $0.policy)) cannot do this work: \($0.reason)"
    } + sweep.notes
  }

  func window(_ setting: TunedSetting) -> String {
    (setting.exposure.source == .bound ? "<" : "") + TextTable.number(setting.exposure.value, 3)
  }

  func suffix(_ modifiers: PolicyModifiers) -> String {
    PolicySpelling.spelling(of: modifiers)
  }
}
