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

  /// The costs whose sums come closest to what the runs took, as shares of it, by least squares.
  ///
  /// Throws: `checkFailed` where the runs do not tell one, or where one would be negative.
  init(_ runs: [Run]) throws(ToolError) {
    let kinds = WorkKind.allCases
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
    var table = WorkTable<UInt64>(repeating: 0)
    for (kind, cost) in zip(kinds, costs) {
      if cost < 0 {
        throw .checkFailed("\(kind.rawValue) would cost \(cost) instructions")
      }
      table[kind] = UInt64((cost * 1_000).rounded())
    }
    thousandths = table
  }

  /// By how much the costs miss a run, as a share of what it took.
  func miss(_ run: Run) -> Double {
    (run.work.instructions(at: thousandths) ?? 0) / run.instructions - 1
  }
}
