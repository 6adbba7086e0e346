/// What runs of a scenario on real threads came to.
public struct ConcurrentReport: Sendable {
  /// The scenario's name.
  public var scenario: String
  /// The runs that were done; the last one is that with a violation, if any has one.
  public var runs = 0
  /// What was violated in that run, in the order in which it was reported.
  public var violations: [ConcurrentFinding] = []

  init(scenario: String) {
    self.scenario = scenario
  }
}

/// A violation in a run on real threads; no schedule can be told, and none repeated.
public struct ConcurrentFinding: Sendable, Equatable, CustomStringConvertible {
  /// The scenario's name.
  public var scenario: String
  /// The number of the run, from 1.
  public var run: Int
  /// What was violated.
  public var checker: String
  /// What happened.
  public var message: String

  /// One line for a reader.
  public var description: String {
    "\(scenario), run \(run): \(checker): \(message)"
  }
}
