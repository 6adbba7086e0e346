/// Finds the constants whose figures come nearest to measured ones, by least squares.
///
/// The function between them is a simulation: smooth over long stretches, with jumps between,
/// because timers meet the work at other moments when a cost changes. A derivative from a tiny step
/// sees only the stretch, one from a large step only the trend. So the fit goes from coarse to
/// fine, as C. T. Kelley's implicit filtering does (SIAM 2011). At each scale it takes differences
/// of that size and goes down from there by Levenberg-Marquardt steps for as long as they help,
/// with Broyden's correction of the derivatives after each, since a run of the simulation takes a
/// second. It ends with a pattern search at the finest scale: both neighbours of each constant, and
/// the steps that their central differences give. When none of these is better, the fit has
/// converged. That is all that can be said of a function that jumps: a minimum among its neighbours
/// at that scale, not proven to be the least of all.
///
/// Each decision rests on figures alone, never on which came first, so the result is the same on
/// any number of processors.
struct FigureFit: Sendable {
  /// Residuals, in standard errors, for each of a list of values; they may be computed side by
  /// side.
  typealias Residuals = @Sendable ([[UInt64]]) async throws(CalibrationError) -> [[Double]]

  /// What may be changed.
  let constants: [FittedConstant]

  /// The function; as many residuals each time.
  let residuals: Residuals

  /// Sizes of the differences that the descent takes, as steps of the logarithm.
  static let descentScales = [0.2, 0.06]

  /// The size of the differences of the final search.
  static let finestScale = 0.02

  /// Rounds of the final search, at most.
  static let roundsMax = 24

  /// What was found.
  struct Outcome: Equatable, Sendable {
    /// The values, in the constants' order.
    var values: [UInt64]
    /// The residuals there, in standard errors.
    var residuals: [Double]
    /// The residuals' change for each constant, a unit of its logarithm, by central differences.
    var jacobian: Matrix
    /// Whether no neighbour at the finest scale is better.
    var hasConverged: Bool

    /// The sum of the squares of the residuals.
    var chiSquared: Double { FigureFit.sum(residuals) }
  }

  /// Searches from the constants' starting values.
  ///
  /// Throws: ``CalibrationError/noInfluence(constant:)`` where a constant changes no residual, and
  /// what the simulation throws.
  func run() async throws(CalibrationError) -> Outcome {
    let start = constants.map(\.start)
    var here = Place(values: start, residuals: try await residuals([start])[0])
    for (index, scale) in Self.descentScales.enumerated() {
      // To one side, and at the next scale to the other.
      let stencil = try await differences(at: here, steps: [index % 2 == 0 ? scale : -scale])
      if index == 0 { try checkInfluence(stencil.jacobian) }
      here = try await descend(from: here, stencil, scale) ?? here
    }
    for _ in 0..<Self.roundsMax {
      let scale = Self.finestScale
      let stencil = try await differences(at: here, steps: [scale, -scale])
      guard let better = try await descend(from: here, stencil, scale) else {
        return outcome(here, stencil.jacobian, hasConverged: true)
      }
      here = better
    }
    let last = try await differences(at: here, steps: [Self.finestScale, -Self.finestScale])
    return outcome(here, last.jacobian, hasConverged: false)
  }

  /// The sum of squares.
  static func sum(_ residuals: [Double]) -> Double { residuals.reduce(0) { $0 + $1 * $1 } }

  private func outcome(_ place: Place, _ jacobian: Matrix, hasConverged: Bool) -> Outcome {
    Outcome(
      values: place.values, residuals: place.residuals, jacobian: jacobian,
      hasConverged: hasConverged)
  }

  private func checkInfluence(_ jacobian: Matrix) throws(CalibrationError) {
    for (index, constant) in constants.enumerated()
    where constant.least < constant.most && jacobian.column(index).allSatisfy({ $0 == 0 }) {
      throw .noInfluence(constant: constant.name)
    }
  }
}
