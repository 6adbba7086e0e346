import IOMMU
import MachineModel

/// A calibration as people and programs are told of it.
struct CalibrationReport: Sendable {
  /// What was asked.
  let request: CalibrationRequest

  /// What was found.
  let result: CalibrationResult

  /// The points.
  var points: [CalibrationPoint] { request.file.points.map(\.value) }

  /// Where the points with a role stand.
  func indices(_ role: CalibrationPoint.Role) -> [Int] {
    points.indices.filter { points[$0].role == role }
  }

  /// The predicted points that the model does not meet: off by more than two standard errors, or
  /// out of their bounds.
  var failedPredictions: [Int] {
    indices(.predict).filter { !points[$0].holds(for: result.models[$0]) }
  }

  /// Which end of its bounds a constant's value is at, if it is.
  func bound(of index: Int, at value: UInt64) -> String? {
    let constant = request.constants[index]
    return value == constant.least ? "least" : value == constant.most ? "most" : nil
  }

  /// The decimals that a figure is written with.
  static func decimals(_ figure: CalibrationPoint.Figure) -> Int {
    switch figure {
    case .relative, .invalidationsPerIO: 4
    case .iops: 1
    }
  }

  /// A number of a point's figure.
  func number(_ value: Double, of point: Int) -> String {
    FixedDecimal.text(value, decimals: Self.decimals(points[point].figure)) ?? "-"
  }

  /// What was measured, as `0.5000`, `<0.0800` or `>0.9000 <1.1000`.
  func measured(_ point: Int) -> String {
    switch points[point].measurement {
    case .value(let value, _): number(value, of: point)
    case .bounds(let above, let below):
      [above.map { ">" + number($0, of: point) }, below.map { "<" + number($0, of: point) }]
        .compactMap { $0 }.joined(separator: " ")
    }
  }

  /// What becomes of a point under a model, in one word or as standard errors with their sign.
  func verdict(_ point: Int, _ model: Double) -> String {
    guard let deviation = points[point].deviation(of: model) else {
      return points[point].holds(for: model) ? "holds" : "fails"
    }
    let text = FixedDecimal.text(deviation, decimals: 2) ?? "-"
    return deviation > 0 ? "+" + text : text
  }
}
