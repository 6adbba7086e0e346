import MachineModel

/// A calibration as JSON: the keys and their order are a promise to whoever reads them by program.
enum CalibrationJSON {
  /// The whole document, with a line end.
  static func text(_ report: CalibrationReport) -> String {
    let request = report.request
    return JSONText.object([
      ("points", .string(request.label)),
      ("machine", .string(request.machine.name)),
      ("workload", .string(request.workload.label)),
      ("seed", .integer(request.file.seed)),
      ("reference", .string(PolicySpelling.spelling(of: request.file.reference))),
      ("runs", .integer(UInt64(report.result.runs))),
      ("constants", .array(request.constants.indices.map { constant(report, $0) })),
      ("correlations", .array(correlations(report))),
      ("fitted", .array(report.indices(.fit).map { point(report, $0) })),
      ("predicted", .array(report.indices(.predict).map { point(report, $0) })),
      ("chiSquared", .decimal(report.result.chiSquared, decimals: 4)),
      ("degreesOfFreedom", .integer(UInt64(report.result.degreesOfFreedom))),
      ("leaveOneOut", .array(report.result.leaveOneOut.map { leftOut(report, $0) })),
      ("notes", .array(report.notes.map { .string($0) })),
    ]).text + "\n"
  }

  /// A standard error is `null` where it comes to more than a factor of ten.
  private static func constant(_ report: CalibrationReport, _ index: Int) -> JSONText {
    let determination = report.result.determination
    let factor = determination.isUndetermined(index) ? nil : determination.standardFactor(index)
    let value = report.result.values[index]
    return .object([
      ("key", .string(report.request.keys[index].path)),
      ("start", .string(report.request.spelling(report.request.constants[index].start, of: index))),
      ("fitted", .string(report.request.spelling(value, of: index))),
      ("standardErrorFactor", .decimal(factor, decimals: 4)),
      ("atBound", report.bound(of: index, at: value).map { .string($0) } ?? .null),
    ])
  }

  private static func correlations(_ report: CalibrationReport) -> [JSONText] {
    let matrix = report.result.determination.correlations
    var pairs: [JSONText] = []
    for left in 0..<matrix.rows {
      for right in left + 1..<max(matrix.rows, left + 1) {
        pairs.append(
          .object([
            ("first", .string(report.request.keys[left].path)),
            ("second", .string(report.request.keys[right].path)),
            ("coefficient", .decimal(matrix[left, right], decimals: 4)),
          ]))
      }
    }
    return pairs
  }

  private static func point(_ report: CalibrationReport, _ index: Int) -> JSONText {
    let model = report.result.models[index]
    return .object(
      measured(report, index) + [
        ("atStart", figure(report, index, report.result.before[index])),
        ("model", figure(report, index, model)),
        ("residual", figure(report, index, residual(report, index, model))),
        ("deviation", .decimal(report.points[index].deviation(of: model), decimals: 4)),
        ("verdict", .string(report.points[index].holds(for: model) ? "holds" : "fails")),
      ])
  }

  private static func leftOut(_ report: CalibrationReport, _ left: LeftOutPoint) -> JSONText {
    var predicted: Double?
    var values: [UInt64] = []
    var outcome = "predicted"
    switch left.outcome {
    case .predicted(let figure, let found, _): (predicted, values) = (figure, found)
    case .noInfluence: outcome = "noInfluence"
    case .notConverged: outcome = "notConverged"
    }
    let names = report.request.keys.map(\.path)
    let kept = names.indices.filter { !left.fitted.contains($0) }
    let found = left.fitted.filter { $0 < values.count }.map { index in
      JSONText.object([
        ("key", .string(names[index])),
        ("fitted", .string(report.request.spelling(values[index], of: index))),
      ])
    }
    return .object(
      measured(report, left.point) + [
        ("outcome", .string(outcome)),
        ("predicted", figure(report, left.point, predicted)),
        (
          "deviation",
          .decimal(
            predicted.flatMap { report.points[left.point].deviation(of: $0) }, decimals: 4)
        ),
        ("constants", .array(found)),
        ("keptAtStart", .array(kept.map { .string(names[$0]) })),
      ])
  }

  private static func measured(
    _ report: CalibrationReport, _ index: Int
  ) -> [(key: String, value: JSONText)] {
    let point = report.points[index]
    var value: Double?
    var error: Double?
    var above: Double?
    var below: Double?
    switch point.measurement {
    case .value(let number, let standardError): (value, error) = (number, standardError)
    case .bounds(let lower, let upper): (above, below) = (lower, upper)
    }
    return [
      ("policy", .string(PolicySpelling.spelling(of: point.policy))),
      ("figure", .string(point.figure.rawValue)),
      ("measured", figure(report, index, value)),
      ("error", figure(report, index, error)),
      ("above", figure(report, index, above)),
      ("below", figure(report, index, below)),
    ]
  }

  private static func residual(
    _ report: CalibrationReport, _ index: Int, _ model: Double
  ) -> Double? {
    guard case .value(let value, _) = report.points[index].measurement else { return nil }
    return model - value
  }

  private static func figure(
    _ report: CalibrationReport, _ index: Int, _ value: Double?
  ) -> JSONText {
    .decimal(value, decimals: CalibrationReport.decimals(report.points[index].figure))
  }
}
