import IOMMU
import MachineModel

/// The sentences that say what to choose.
extension TuningTable {
  /// A line for each choice.
  var advice: [String] {
    var lines: [String] = []
    if let choice = report.choice {
      lines.append("Recommended: " + sentence(choice, of: "the best"))
    }
    for family in report.families where report.families.count > 1 {
      guard let choice = family.choice, choice != report.choice else { continue }
      let name = family.mapSide == .none ? "drivers as they are" : suffix(family.mapSide)
      lines.append("With \(name): " + sentence(choice, of: "the best of these"))
    }
    guard let choice = report.linuxChoice else {
      return lines + ["In Linux: none of these settings can be had."]
    }
    lines.append("In Linux: " + linuxSentence(choice, of: "the best that it can do"))
    if let settable = report.settableChoice, settable.index != choice.index {
      lines.append(
        "In Linux as it is shipped: " + linuxSentence(settable, of: "the best that it does"))
    }
    return lines
  }

  private func sentence(_ choice: TuningReport.Choice, of reference: String) -> String {
    let setting = report.settings[choice.index]
    let share = TextTable.number(setting.rate / choice.bestRate, 3)
    let relative = sweep.row(choice.index).relative
    let speed = relative.map { ", \(TextTable.number($0, 3)) of legacy" } ?? ""
    let figure = TextTable.number(setting.exposure.value, 3) + " " + sweep.measure.unit
    let exposure =
      switch setting.exposure.source {
      case .measured: "a window of \(figure)"
      case .bound: "a window of at most \(figure), which its bound promises"
      case .unbounded: "a window that nothing bounds"
      }
    return "\(PolicySpelling.spelling(of: setting.policy)) reaches \(share) of \(reference)"
      + "\(speed), with \(exposure)."
  }

  private func linuxSentence(_ choice: TuningReport.Choice, of reference: String) -> String {
    let policy = report.settings[choice.index].policy
    let setting = LinuxSetting(policy, sweep.machine.translation)
    return sentence(choice, of: reference) + " To get it: \(setting.text)."
  }
}
