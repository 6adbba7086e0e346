import MachineModel

/// A calibration as tables for people: constants, fitted points, predicted points, leave-one-out.
enum CalibrationTable {
  /// All of it, with line ends.
  static func text(_ report: CalibrationReport) -> String {
    let request = report.request
    var lines = [
      "points \(request.label), machine \(request.machine.name), "
        + "workload \(request.workload.label), "
        + "relative to \(PolicySpelling.spelling(of: request.file.reference)), "
        + "\(report.result.runs) runs", "",
    ]
    lines += constants(report) + [""]
    lines += ["Fitted: the constants were chosen to meet these."]
    lines += points(report, .fit) + [""]
    if !report.indices(.predict).isEmpty {
      lines += ["Predicted: the constants know nothing of these."]
      lines += points(report, .predict) + [""]
    }
    lines += leaveOneOut(report) + [""]
    lines += report.notes
    return lines.joined(separator: "\n") + "\n"
  }

  private static func constants(_ report: CalibrationReport) -> [String] {
    let rows = report.request.constants.indices.map { index in
      [
        report.request.keys[index].path,
        report.request.spelling(report.request.constants[index].start, of: index),
        report.request.spelling(report.result.values[index], of: index),
        report.result.determination.isUndetermined(index)
          ? "undetermined"
          : factor(report.result.determination.standardFactor(index)),
      ]
    }
    return TextTable(heads: ["constant", "start", "fitted", "standard error"], rows: rows).lines
  }

  private static func points(
    _ report: CalibrationReport, _ role: CalibrationPoint.Role
  ) -> [String] {
    let rows = report.indices(role).map { index in
      head(report, index) + [
        report.number(report.result.before[index], of: index),
        report.number(report.result.models[index], of: index),
        report.verdict(index, report.result.models[index]),
      ]
    }
    return TextTable(
      heads: ["policy", "figure", "measured", "error", "at start", "model", "off by errors"],
      rows: rows
    ).lines
  }

  private static func leaveOneOut(_ report: CalibrationReport) -> [String] {
    if report.result.leaveOneOut.isEmpty { return ["Leave-one-out: needs two fitted points."] }
    let rows = report.result.leaveOneOut.map { left in
      let names = left.fitted.map { report.request.keys[$0].path }
      let kept = report.request.keys.indices.filter { !left.fitted.contains($0) }
        .map { report.request.keys[$0].path }
      let fitted = "\(names.count) of \(report.request.keys.count)"
      var cells = head(report, left.point)
      switch left.outcome {
      case .predicted(let model, let values, _):
        cells += [report.number(model, of: left.point), report.verdict(left.point, model), fitted]
        cells.append(
          left.fitted.map {
            "\(report.request.keys[$0].path) \(report.request.spelling(values[$0], of: $0))"
          }.joined(separator: ", ")
            + (kept.isEmpty ? "" : "; at its start: " + kept.joined(separator: ", ")))
      case .noInfluence(let constant):
        cells += ["-", "-", fitted, "the other points say nothing about \(constant)"]
      case .notConverged:
        cells += ["-", "-", fitted, "the fit to the others did not converge"]
      }
      return cells
    }
    return ["Leave-one-out: each fitted point, predicted by a fit to the others from the start."]
      + TextTable(
        heads: [
          "policy", "figure", "measured", "error", "predicted", "off by errors", "constants",
          "found",
        ], rows: rows, lastIsText: true
      ).lines
  }

  private static func head(_ report: CalibrationReport, _ index: Int) -> [String] {
    let point = report.points[index]
    var error = "-"
    if case .value(_, let number) = point.measurement { error = report.number(number, of: index) }
    return [
      PolicySpelling.spelling(of: point.policy), point.figure.rawValue, report.measured(index),
      error,
    ]
  }

  /// A factor up or down, as a percentage where it is small enough for that to be both.
  private static func factor(_ factor: Double) -> String {
    factor < 1.2
      ? (FixedDecimal.text((factor - 1) * 100, decimals: 1) ?? "-") + "%"
      : "a factor of " + (FixedDecimal.text(factor, decimals: 2) ?? "-")
  }
}
