/// Linear least squares, for problems of a few rows and columns.
public enum LeastSquares {
  /// The `x` that makes `|matrix x - right|² + |damping x|²` least.
  ///
  /// With `damping` above 0 there is always exactly one. With 0 there is one where the columns are
  /// independent; where they are not, to about 13 digits, the result is `nil`.
  ///
  /// Householder's method on the matrix with `damping` times the identity below it: the normal
  /// equations would lose half of the digits.
  /// Complexity: O((rows + columns) times columns squared).
  public static func solve(
    _ matrix: Matrix, _ right: [Double], damping: Double = 0
  ) -> [Double]? {
    let unknowns = matrix.columns
    let rows = matrix.rows + (damping > 0 ? unknowns : 0)
    guard unknowns > 0, rows >= unknowns else { return nil }
    var work = Matrix(rows: rows, columns: unknowns)
    var target = right + Array(repeating: 0, count: rows - matrix.rows)
    for column in 0..<unknowns {
      for row in 0..<matrix.rows { work[row, column] = matrix[row, column] }
      if damping > 0 { work[matrix.rows + column, column] = damping }
    }
    let lengths = (0..<unknowns).map { length(work.column($0), from: 0) }
    for column in 0..<unknowns {
      let rest = reflect(&work, &target, column)
      // What is left of a column after those before it: nothing, where it depends on them.
      if rest <= lengths[column] * 1e-13 { return nil }
    }
    return substitute(work, target)
  }

  /// Reflects `column` below the diagonal to zero, in all columns from there on and in `target`;
  /// returns the length that it had.
  private static func reflect(
    _ work: inout Matrix, _ target: inout [Double], _ column: Int
  ) -> Double {
    var axis = work.column(column)
    for row in 0..<column { axis[row] = 0 }
    let rest = length(axis, from: column)
    if rest == 0 { return 0 }
    // The sign that adds up avoids cancellation.
    axis[column] += axis[column] < 0 ? -rest : rest
    let square = axis.reduce(0) { $0 + $1 * $1 }
    for other in column..<work.columns {
      let dot = (column..<work.rows).reduce(0) { $0 + axis[$1] * work[$1, other] }
      for row in column..<work.rows { work[row, other] -= 2 * dot / square * axis[row] }
    }
    let dot = (column..<work.rows).reduce(0) { $0 + axis[$1] * target[$1] }
    for row in column..<work.rows { target[row] -= 2 * dot / square * axis[row] }
    return rest
  }

  /// Solves the triangular system that reflecting leaves, from the last unknown up.
  private static func substitute(_ work: Matrix, _ target: [Double]) -> [Double] {
    var solution = Array(repeating: 0.0, count: work.columns)
    for row in solution.indices.reversed() {
      let known = (row + 1..<work.columns).reduce(0) { $0 + work[row, $1] * solution[$1] }
      solution[row] = (target[row] - known) / work[row, row]
    }
    return solution
  }

  private static func length(_ values: [Double], from first: Int) -> Double {
    values[first...].reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}
