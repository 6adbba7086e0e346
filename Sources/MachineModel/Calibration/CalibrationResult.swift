/// What a calibration found.
public struct CalibrationResult: Equatable, Sendable {
  /// The constants' values, in their order.
  public let values: [UInt64]

  /// How well the fitted points determine them.
  public let determination: Determination

  /// The sum of the squares of the fitted points' deviations, each in its standard errors.
  public let chiSquared: Double

  /// Fitted points less constants; where it is 0, how well the points are met is no evidence.
  public let degreesOfFreedom: Int

  /// What the machine gave for each point before the fit.
  public let before: [Double]

  /// What it gives for each point with the values found.
  public let models: [Double]

  /// The fitted points, each left out once; empty where there is only one.
  public let leaveOneOut: [LeftOutPoint]

  /// How many different runs of the simulation it took.
  public let runs: Int
}

/// A fitted point that was left out of a fit.
public struct LeftOutPoint: Equatable, Sendable {
  /// What came of the fit to the others.
  public enum Outcome: Equatable, Sendable {
    /// What the point is predicted to be, by these values of all constants, which meet the other
    /// points with this sum of squares.
    case predicted(Double, values: [UInt64], chiSquared: Double)
    /// The other points say nothing about a constant.
    case noInfluence(constant: String)
    /// The fit to the others did not converge.
    case notConverged(chiSquared: Double)
  }

  /// Which of the calibration's points.
  public let point: Int

  /// The constants that were fitted; the others kept their starting values.
  public let fitted: [Int]

  /// What came of it.
  public let outcome: Outcome
}
