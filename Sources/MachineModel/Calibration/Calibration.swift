public import IOMMU

/// Constants of a machine, found from measured points by running the simulation itself.
///
/// The same calibration gives the same result on any number of processors.
public struct Calibration: Sendable {
  /// The constants that may be changed, with where they start.
  public var constants: [FittedConstant]

  /// The measured points, fitted and predicted; as many fitted ones as constants, or more.
  public var points: [CalibrationPoint]

  /// The policy that relative figures refer to.
  public var reference: PolicyChoice

  /// The machine with values for the constants, in their order.
  public var machine: @Sendable ([UInt64]) -> MachineDescription

  /// Runs a machine under a policy; called for many at once.
  public var run: @Sendable (MachineDescription, PolicyChoice) throws -> RunFigures

  /// A calibration of `points`.
  public init(
    constants: [FittedConstant], points: [CalibrationPoint], reference: PolicyChoice,
    machine: @escaping @Sendable ([UInt64]) -> MachineDescription,
    run: @escaping @Sendable (MachineDescription, PolicyChoice) throws -> RunFigures
  ) {
    self.constants = constants
    self.points = points
    self.reference = reference
    self.machine = machine
    self.run = run
  }

  /// Where the fitted points stand in ``points``.
  var fitted: [Int] { points.indices.filter { points[$0].role == .fit } }

  /// Fits the constants, predicts the other points, and leaves each fitted point out once.
  ///
  /// `progress` is told how many runs have begun.
  ///
  /// Throws: ``CalibrationError``; nothing is given of a fit that did not converge.
  public func result(
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) async throws(CalibrationError) -> CalibrationResult {
    let runs = CalibrationRuns(machine: machine, run: run, onRun: progress)
    let all = Array(constants.indices)
    let fit = try await fit(all, to: fitted, runs)
    let determination = Determination(jacobian: fit.jacobian)
    let start = constants.map(\.start)
    let before = try await figures(start, Array(points.indices), runs)
    let models = try await figures(fit.values, Array(points.indices), runs)
    let left = try await leaveOneOut(runs)
    return CalibrationResult(
      values: fit.values, determination: determination, chiSquared: fit.chiSquared,
      degreesOfFreedom: fitted.count - constants.count, before: before, models: models,
      leaveOneOut: left, runs: await runs.count)
  }

  /// Fits some of the constants to some of the points; the others stay where they start.
  func fit(
    _ free: [Int], to used: [Int], _ runs: CalibrationRuns
  ) async throws(CalibrationError) -> FigureFit.Outcome {
    let fit = FigureFit(constants: free.map { constants[$0] }) {
      batch async throws(CalibrationError) in
      try await residuals(batch.map { full($0, free) }, used, runs)
    }
    var outcome = try await fit.run()
    if !outcome.hasConverged {
      throw .notConverged(chiSquared: outcome.chiSquared)
    }
    outcome.values = full(outcome.values, free)
    return outcome
  }

  /// Values for all constants, of which only those in `free` differ from where they start.
  private func full(_ part: [UInt64], _ free: [Int]) -> [UInt64] {
    var values = constants.map(\.start)
    for (index, value) in zip(free, part) { values[index] = value }
    return values
  }

  /// The residuals of some of the points, for each of several values, all side by side.
  func residuals(
    _ batch: [[UInt64]], _ used: [Int], _ runs: CalibrationRuns
  ) async throws(CalibrationError) -> [[Double]] {
    let figures = try await CalibrationFigures(calibration: self, runs: runs)
      .figures(of: batch, used)
    return figures.map { row in
      zip(used, row).map { points[$0].deviation(of: $1) ?? 0 }
    }
  }

  /// What the model gives for some of the points.
  func figures(
    _ values: [UInt64], _ used: [Int], _ runs: CalibrationRuns
  ) async throws(CalibrationError) -> [Double] {
    try await CalibrationFigures(calibration: self, runs: runs).figures(of: [values], used)[0]
  }
}
