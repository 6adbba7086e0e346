/// The eigenvalues and eigenvectors of a small symmetric matrix, the least first.
///
/// Of a Jacobian's normal matrix, they tell in which directions the residuals hardly change, and
/// that is in which directions the points do not determine the constants.
public struct SymmetricEigen: Sendable {
  /// The eigenvalues, ascending.
  public let values: [Double]

  /// The eigenvector of each, of length 1, its largest component positive.
  public let vectors: [[Double]]

  /// Jacobi's rotations: each takes one element off the diagonal to zero.
  ///
  /// Converges quadratically; a few sweeps suffice for any size that occurs here.
  /// Complexity: O(size cubed) a sweep.
  /// - Precondition: `matrix` is symmetric.
  public init(_ matrix: Matrix) {
    precondition(matrix.rows == matrix.columns, "a symmetric matrix is square")
    let size = matrix.rows
    var work = matrix
    var basis = Matrix(rows: size, columns: size)
    for index in 0..<size { basis[index, index] = 1 }
    for _ in 0..<60 {
      var off = 0.0
      for row in 0..<size {
        for column in row + 1..<max(size, row + 1) {
          off += work[row, column] * work[row, column]
          Self.rotate(&work, &basis, row, column)
        }
      }
      if off == 0 { break }
    }
    let order = (0..<size).sorted { (work[$0, $0], $0) < (work[$1, $1], $1) }
    values = order.map { work[$0, $0] }
    vectors = order.map { Self.oriented(basis.column($0)) }
  }

  private static func rotate(_ work: inout Matrix, _ basis: inout Matrix, _ p: Int, _ q: Int) {
    let off = work[p, q]
    if off == 0 { return }
    let ratio = (work[q, q] - work[p, p]) / (2 * off)
    let sign: Double = ratio < 0 ? -1 : 1
    let tangent = sign / (ratio.magnitude + (ratio * ratio + 1).squareRoot())
    let cosine = 1 / (tangent * tangent + 1).squareRoot()
    let sine = tangent * cosine
    for index in 0..<work.rows {
      let (left, right) = (work[index, p], work[index, q])
      work[index, p] = cosine * left - sine * right
      work[index, q] = sine * left + cosine * right
    }
    for index in 0..<work.rows {
      let (upper, lower) = (work[p, index], work[q, index])
      work[p, index] = cosine * upper - sine * lower
      work[q, index] = sine * upper + cosine * lower
      let (left, right) = (basis[index, p], basis[index, q])
      basis[index, p] = cosine * left - sine * right
      basis[index, q] = sine * left + cosine * right
    }
    // Exactly, where rounding would leave a trace that keeps the sweeps going.
    work[p, q] = 0
    work[q, p] = 0
  }

  private static func oriented(_ vector: [Double]) -> [Double] {
    guard let largest = vector.max(by: { $0.magnitude < $1.magnitude }), largest < 0 else {
      return vector
    }
    return vector.map { -$0 }
  }
}
