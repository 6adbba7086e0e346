import IOMMU

/// The figures that points are compared with, out of runs that go side by side.
struct CalibrationFigures: Sendable {
  let calibration: Calibration
  let runs: CalibrationRuns

  /// For each of several values, the figures of the points at `used`.
  ///
  /// All runs are begun before the first is waited for.
  func figures(
    of batch: [[UInt64]], _ used: [Int]
  ) async throws(CalibrationError) -> [[Double]] {
    await begin(batch, used)
    var rows: [[Double]] = []
    for values in batch {
      var row: [Double] = []
      for index in used { row.append(try await figure(calibration.points[index], values)) }
      rows.append(row)
    }
    return rows
  }

  /// Begins every run that the figures need; the results stay with `runs`.
  private func begin(
    _ batch: [[UInt64]], _ used: [Int]
  ) async {
    let points = used.map { calibration.points[$0] }
    var policies: [PolicyChoice] = []
    if points.contains(where: { $0.figure == .relative }) {
      policies.append(calibration.reference)
    }
    for point in points where !policies.contains(point.policy) { policies.append(point.policy) }
    for values in batch {
      for policy in policies { await runs.begin(values, policy) }
    }
    // A failure is found by whoever asks for the figure: in order, not in time.
  }

  private func figure(
    _ point: CalibrationPoint, _ values: [UInt64]
  ) async throws(CalibrationError) -> Double {
    let own = try await runs.figures(values, point.policy)
    var figure: Double?
    switch point.figure {
    case .iops: figure = own.rate
    case .invalidationsPerIO: figure = own.invalidationsPerIO
    case .relative:
      let base = try await runs.figures(values, calibration.reference).rate
      if let base, let rate = own.rate { figure = rate / base }
    }
    if let figure, figure.isFinite { return figure }
    throw .noFigure(policy: "\(point.policy)", figure: point.figure.rawValue)
  }
}
