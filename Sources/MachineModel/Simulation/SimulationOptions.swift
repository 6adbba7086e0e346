public import IOMMU

/// What a simulation is to do: its seed decides the rest.
public struct SimulationOptions: Sendable {
  /// Where all random numbers start.
  public var seed: UInt64
  /// The number of steps, each an operation or a fault.
  public var operations: Int
  /// The policies that domains may have; empty for all.
  public var policies: [PolicyChoice] = []
  /// Kinds of steps that are left out.
  public var without: Set<SimulatedKind> = []
  /// The steps that are done at all, as ranges in order; `nil` for all.
  public var only: [ClosedRange<Int>]?
  /// A bug that is planted, to see whether it is found.
  package var bug: PlantedBug?
  /// The first step that is written down in words.
  package var narratesFrom = Int.max
  /// Whether every event of the machine goes into a hash.
  package var isHashed = false

  /// `operations` steps from `seed`.
  public init(seed: UInt64, operations: Int) {
    self.seed = seed
    self.operations = operations
  }

  /// Whether the step is done.
  func does(_ step: Int) -> Bool {
    guard let only else { return true }
    // Few and in order: the first that reaches so far decides.
    for range in only where step <= range.upperBound { return step >= range.lowerBound }
    return false
  }
}
