/// What points are compared with, out of one run.
public struct RunFigures: Equatable, Sendable {
  /// Requests per second; `nil` where there was none.
  public var rate: Double?

  /// Invalidations of any kind, a request; `nil` where there was none.
  public var invalidationsPerIO: Double?

  /// Figures of a run that was done some other way.
  public init(rate: Double?, invalidationsPerIO: Double?) {
    self.rate = rate
    self.invalidationsPerIO = invalidationsPerIO
  }

  /// The figures of an experiment.
  public init(_ result: ExperimentResult) {
    let counts = result.invalidations
    let sum = Double(counts.map + counts.unmap + counts.global)
    rate = result.rate
    invalidationsPerIO = result.requests == 0 ? nil : sum / Double(result.requests)
  }
}
