import IOMMU
import MachineModel

/// A sweep as JSON: the keys and their order are a promise to whoever reads them by program.
struct TuningJSON {
  let sweep: Sweep
  private var report: TuningReport { sweep.report }

  /// The whole document, with a line end.
  ///
  /// Windows that nothing bounds, and ratios to nothing, are `null`.
  static func text(_ sweep: Sweep) -> String {
    JSONText.object(TuningJSON(sweep: sweep).document).text + "\n"
  }

  private var document: [(key: String, value: JSONText)] {
    let plain = report.families.first { $0.mapSide == .none }
    return [
      ("machine", .string(sweep.machine.name)),
      ("workload", .string(sweep.workload)),
      ("reference", .string(PolicySpelling.spelling(of: ExperimentRunner.reference))),
      ("window", .string(sweep.measure.rawValue)),
      ("runs", .integer(UInt64(sweep.runs))),
      ("fronts", fronts(plain, all: report.front)),
      ("dominance", dominance(plain?.dominance.entries ?? [])),
      ("notDominated", dominance(plain?.dominance.exceptions ?? [])),
      (
        "families",
        .array(report.families.filter { $0.mapSide != .none }.map { .object(members(of: $0)) })
      ),
      ("recommendation", choice(report.choice)),
      ("linuxRecommendation", choice(report.linuxChoice)),
      ("linuxAsShipped", choice(report.settableChoice)),
      (
        "refused",
        .array(
          sweep.refused.map {
            .object([
              ("policy", .string(PolicySpelling.spelling(of: $0.policy))),
              ("reason", .string($0.reason)),
            ])
          })
      ),
    ]
  }

  private func members(of family: TuningReport.Family) -> [(key: String, value: JSONText)] {
    [
      ("modifiers", .string(PolicySpelling.spelling(of: family.mapSide))),
      ("fronts", fronts(family, all: family.all)),
      ("dominance", dominance(family.dominance.entries)),
      ("notDominated", dominance(family.dominance.exceptions)),
      ("recommendation", choice(family.choice)),
    ]
  }

  private func fronts(_ family: TuningReport.Family?, all: [Int]) -> JSONText {
    .object([
      ("rollover", .array((family?.rollovers ?? []).map(row))),
      ("queues", .array((family?.queues ?? []).map(row))),
      ("all", .array(all.map(row))),
    ])
  }

  private func row(_ index: Int) -> JSONText {
    let setting = report.settings[index]
    let share = report.bestRate > 0 ? setting.rate / report.bestRate : nil
    return .object(
      ComparisonJSON.members(of: sweep.row(index)) + [
        ("relativeToBest", .decimal(share, decimals: 4)),
        ("window", .decimal(setting.exposure.value, decimals: 3)),
        ("windowSource", .string(setting.exposure.source.rawValue)),
      ])
  }

  private func dominance(_ entries: [Dominance.Entry]) -> JSONText {
    .array(
      entries.map { entry in
        let rollover = entry.rollover.map { name($0) }
        return .object([
          ("queue", .string(name(entry.queue))),
          ("rollover", rollover.map { .string($0) } ?? .null),
          ("windowRatio", .decimal(rollover == nil ? nil : entry.windowRatio, decimals: 2)),
          ("iopsRatio", .decimal(rollover == nil ? nil : entry.rateRatio, decimals: 4)),
        ])
      })
  }

  private func choice(_ choice: TuningReport.Choice?) -> JSONText {
    guard let choice else { return .null }
    let policy = report.settings[choice.index].policy
    let linux = LinuxSetting(policy, sweep.machine.translation)
    return .object([
      ("atLeast", .decimal(report.atLeast, decimals: 3)),
      ("ofIOPS", .decimal(choice.bestRate, decimals: 1)),
      ("policy", .string(name(choice.index))),
      ("row", row(choice.index)),
      ("linux", .string(linux.text)),
    ])
  }

  private func name(_ index: Int) -> String {
    PolicySpelling.spelling(of: report.settings[index].policy)
  }
}
