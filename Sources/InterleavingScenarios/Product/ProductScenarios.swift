public import InterleavingExplorer

/// The product under every interleaving: which scenarios there are.
///
/// Each runs the product's own code, from group to instruction, on a small machine with all
/// checkers; none has code of its own that a promise depends on. They need the package trait
/// `InterleavingExploration`: without it the product has no yield points, and a run is the tasks
/// one after the other.
public enum ProductScenarios {
  /// All of them, in the order in which they are listed.
  public static let all: [Scenario] =
    lifeCycle + flushing + quick

  /// The scenario called `name`.
  public static func named(_ name: String) -> Scenario? {
    all.first { $0.name == name }
  }
}
