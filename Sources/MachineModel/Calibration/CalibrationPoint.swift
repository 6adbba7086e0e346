public import IOMMU

/// One measured figure of one policy.
public struct CalibrationPoint: Equatable, Sendable {
  /// What was measured.
  public enum Figure: String, CaseIterable, Sendable {
    /// Requests per second, divided by those of the reference policy.
    case relative
    /// Requests per second.
    case iops
    /// Invalidations of any kind, a request.
    case invalidationsPerIO
  }

  /// What came out.
  public enum Measurement: Equatable, Sendable {
    /// A number with its standard error, in the same unit; the error is above zero.
    case value(Double, error: Double)
    /// Only that it was above a number, below one, or both.
    case bounds(above: Double?, below: Double?)
  }

  /// What the point is used for.
  public enum Role: String, CaseIterable, Sendable {
    /// The constants are chosen so that the model meets it.
    case fit
    /// The constants know nothing of it: what the model gives for it is a prediction.
    case predict
  }

  /// The policy.
  public var policy: PolicyChoice

  /// What was measured of it.
  public var figure: Figure

  /// What came out.
  public var measurement: Measurement

  /// What the point is used for.
  public var role: Role

  /// A point; one that is fitted has a value.
  public init(
    policy: PolicyChoice, figure: Figure, measurement: Measurement, role: Role
  ) {
    self.policy = policy
    self.figure = figure
    self.measurement = measurement
    self.role = role
  }

  /// How far off `model` is, in standard errors; above zero where the model gives more.
  ///
  /// `nil` for bounds.
  public func deviation(of model: Double) -> Double? {
    guard case .value(let value, let error) = measurement else { return nil }
    return (model - value) / error
  }

  /// Whether `model` is within the bounds, or within twice the standard error of the value.
  public func holds(for model: Double) -> Bool {
    switch measurement {
    case .value(let value, let error): (model - value).magnitude <= 2 * error
    case .bounds(let above, let below):
      model > above ?? -.infinity && model < below ?? .infinity
    }
  }
}
