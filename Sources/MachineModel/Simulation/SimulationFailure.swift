/// The first thing that a simulation found wrong.
public struct SimulationFailure: Error, Equatable, Sendable {
  /// Who found it.
  public enum Checker: Equatable, Sendable {
    /// The checker of one of the seven promises.
    case promise(Violation.Promise)
    /// The oracle: what was answered does not go with what was asked for.
    case oracle
    /// The books: counters do not add up.
    case books
    /// An error that nothing explains.
    case error
    /// Something that should work without faults does not.
    case progress
    /// A step that takes too many instructions.
    case hang
    /// An instruction that a real machine would not have executed.
    case instruction
    /// Memory that did not come back.
    case leak

    /// The name in reports.
    public var name: String {
      switch self {
      case .promise(let promise): "promise \(promise.rawValue) (\(promise))"
      default: "\(self)"
      }
    }
  }

  /// The seed of the run.
  public let seed: UInt64
  /// The number of the step, from 0; that of all steps where it was found at the end.
  public let step: Int
  /// What the step did.
  public let kind: SimulatedKind
  /// Who found it.
  public let checker: Checker
  /// What was found, with its numbers.
  public let message: String
}
