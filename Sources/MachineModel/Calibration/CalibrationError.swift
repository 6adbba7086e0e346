/// Why constants could not be found.
public enum CalibrationError: Error, Equatable, Sendable {
  /// The simulation failed, in its own words.
  case run(String)

  /// A constant changes none of the figures that are fitted.
  case noInfluence(constant: String)

  /// The search was still getting on when its rounds were used up.
  case notConverged(chiSquared: Double)

  /// A policy has no such figure, because nothing was done or it took no time.
  case noFigure(policy: String, figure: String)
}

extension CalibrationError: CustomStringConvertible {
  /// One line for a user.
  public var description: String {
    switch self {
    case .run(let message): message
    case .noInfluence(let constant):
      "changing \(constant) changes none of the fitted figures; take it out of the constants"
    case .notConverged(let chiSquared):
      "the fit did not converge; the squares of its residuals still come to \(chiSquared)"
    case .noFigure(let policy, let figure): "\(policy) has no \(figure)"
    }
  }
}
