#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// How well residuals determine the constants that they were fitted with.
///
/// Everything is in units of the constants' logarithms, so that 0.03 is 3 %. It follows from the
/// Jacobian where the fit ended and from the errors that were stated for the points; it takes the
/// residuals to be nearly straight over that range, and knows nothing of faults of the model.
public struct Determination: Equatable, Sendable {
  /// The standard error of each constant; infinite where nothing determines it.
  public let standardErrors: [Double]

  /// The correlation of each two constants' errors, 1 with themselves; 0 where one is infinite.
  public let correlations: Matrix

  /// Directions, of length 1, in which a factor of ten changes the residuals by less than one
  /// standard error altogether: there the fit has stayed near where it started.
  public let undetermined: [[Double]]

  /// The logarithm of ten.
  private static let tenfold = 2.302585092994046

  /// What a Jacobian in standard errors, a unit of each constant's logarithm, tells.
  public init(jacobian: Matrix) {
    let eigen = SymmetricEigen(jacobian.normal)
    let size = jacobian.columns
    // Below this nothing but rounding is left.
    let floor = max(eigen.values.last ?? 0, 0) * 1e-20
    var covariance = Matrix(rows: size, columns: size)
    var infinite = Array(repeating: false, count: size)
    for (value, vector) in zip(eigen.values, eigen.vectors) {
      for row in 0..<size {
        if value <= floor {
          if vector[row].magnitude > 1e-6 { infinite[row] = true }
          continue
        }
        for column in 0..<size { covariance[row, column] += vector[row] * vector[column] / value }
      }
    }
    let errors = (0..<size).map {
      infinite[$0] ? Double.infinity : covariance[$0, $0].squareRoot()
    }
    var correlations = Matrix(rows: size, columns: size)
    for row in 0..<size {
      for column in 0..<size {
        let product = errors[row] * errors[column]
        correlations[row, column] = product.isFinite ? covariance[row, column] / product : 0
        if row == column { correlations[row, column] = 1 }
      }
    }
    standardErrors = errors
    self.correlations = correlations
    undetermined = zip(eigen.values, eigen.vectors).compactMap { value, vector in
      max(value, 0).squareRoot() * Self.tenfold < 1 ? vector : nil
    }
  }

  /// The factor, up or down, that a constant's standard error comes to: 1.05 for about 5 %.
  public func standardFactor(_ index: Int) -> Double { exp(standardErrors[index]) }

  /// Whether a factor of ten in a constant alone would pass within its standard error.
  public func isUndetermined(_ index: Int) -> Bool { standardErrors[index] > Self.tenfold }

  /// Which columns to keep, where a Jacobian has more of them than rows: those without the one,
  /// time and again, whose absence leaves the weakest direction of the others strongest.
  ///
  /// Of equals the last goes. The others keep their order.
  public static func mostIdentifiable(_ jacobian: Matrix, count: Int) -> [Int] {
    var kept = Array(0..<jacobian.columns)
    while kept.count > count {
      var best: (strength: Double, place: Int)?
      for place in kept.indices.reversed() {
        var rest = kept
        rest.remove(at: place)
        // With more columns than rows the weakest directions are all zero: look at the rows then.
        let values = SymmetricEigen(jacobian.keeping(columns: rest).normal).values
        let surplus = max(rest.count - jacobian.rows, 0)
        let strength = values.dropFirst(surplus).first ?? 0
        if strength > best?.strength ?? -.infinity { best = (strength, place) }
      }
      guard let best else { break }
      kept.remove(at: best.place)
    }
    return kept
  }
}
