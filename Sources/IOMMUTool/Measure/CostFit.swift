import MachineModel

/// What each kind of work costs in instructions, found from runs that were counted.
struct CostFit: Sendable {
  /// A run: what it did, and the instructions that it took.
  struct Run: Sendable {
    var name: String
    var work: WorkTable<UInt64>
    var instructions: Double
  }

  /// The costs in thousandths of an instruction.
  let thousandths: WorkTable<UInt64>

  /// The costs, none below zero, whose sums come closest to what the runs took, as shares of it, by
  /// least squares.
  ///
  /// What would cost less than nothing costs nothing, and the others are found again without it.
  /// Throws: `checkFailed` where the runs do not tell one.
  init(_ runs: [Run]) throws(ToolError) {
    var kinds = WorkKind.allCases
    var costs = try Self.solve(runs, for: kinds)
    while let least = costs.indices.min(by: { costs[$0] < costs[$1] }), costs[least] < 0 {
      kinds.remove(at: least)
      costs = try Self.solve(runs, for: kinds)
    }
    var table = WorkTable<UInt64>(repeating: 0)
    for (kind, cost) in zip(kinds, costs) { table[kind] = UInt64((cost * 1_000).rounded()) }
    thousandths = table
  }

  private static func solve(_ runs: [Run], for kinds: [WorkKind]) throws(ToolError) -> [Double] {
    var matrix = Matrix(rows: runs.count, columns: kinds.count)
    for (row, run) in runs.enumerated() {
      for (column, kind) in kinds.enumerated() {
        matrix[row, column] = Double(run.work[kind]) / run.instructions
      }
    }
    let ones = Array(repeating: 1.0, count: runs.count)
    guard let costs = LeastSquares.solve(matrix, ones) else {
      throw .checkFailed("the runs do not tell the cost of each kind of work")
    }
    return costs
  }

  /// By how much the costs miss a run, as a share of what it took.
  func miss(_ run: Run) -> Double {
    (run.work.instructions(at: thousandths) ?? 0) / run.instructions - 1
  }
}
