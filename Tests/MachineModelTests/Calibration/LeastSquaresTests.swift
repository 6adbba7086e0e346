import Testing

@testable import MachineModel

@Suite struct LeastSquaresTests {
  @Test("A line through points with known offsets has the slope and height of the textbook")
  func line() throws {
    // Points (1, 6), (2, 5), (3, 7), (4, 10): the least squares line is 3.5 + 1.4 x.
    let matrix = Matrix(columns: [[1, 1, 1, 1], [1, 2, 3, 4]], rows: 4)
    let solution = try #require(LeastSquares.solve(matrix, [6, 5, 7, 10]))
    #expect(isNear(solution, [3.5, 1.4], 1e-12))
  }

  @Test("A square system is solved exactly, whatever the signs on its diagonal")
  func square() throws {
    let matrix = Matrix(columns: [[-2, 1, 3], [0, -1, 4], [5, 2, -1]], rows: 3)
    let truth = [1.5, -2, 0.25]
    let solution = try #require(LeastSquares.solve(matrix, product(matrix, truth)))
    #expect(isNear(solution, truth, 1e-12))
  }

  @Test("Random systems: the residual is at right angles to every column")
  func normalEquations() throws {
    var stream = Numbers()
    for _ in 0..<200 {
      let columns = 1 + Int(stream.next(4).magnitude)
      let rows = columns + 3
      let matrix = Matrix(
        columns: (0..<columns).map { _ in (0..<rows).map { _ in stream.next(10) } }, rows: rows)
      let right = (0..<rows).map { _ in stream.next(10) }
      guard let solution = LeastSquares.solve(matrix, right) else { continue }
      let rest = zip(right, product(matrix, solution)).map { $0 - $1 }
      for column in 0..<columns {
        let dot = zip(matrix.column(column), rest).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(dot.magnitude < 1e-8)
      }
    }
  }

  @Test("Columns that depend on each other have no single solution, and a damped one shares alike")
  func rankDeficient() throws {
    let matrix = Matrix(columns: [[1, 2, 3], [1, 2, 3]], rows: 3)
    #expect(LeastSquares.solve(matrix, [2, 4, 6]) == nil)
    let damped = try #require(LeastSquares.solve(matrix, [2, 4, 6], damping: 1e-4))
    #expect(isNear(damped, [1, 1], 1e-6))
  }

  @Test("Damping solves the normal equations with its square on the diagonal")
  func damping() throws {
    // One unknown: (3² + 4² + 2²) x = 3 * 1 + 4 * 2.
    let matrix = Matrix(columns: [[3, 4]], rows: 2)
    let solution = try #require(LeastSquares.solve(matrix, [1, 2], damping: 2))
    #expect(isNear(solution, [11.0 / 29], 1e-12))
  }

  @Test("Fewer rows than unknowns need damping, and no unknowns have no solution")
  func wide() {
    let matrix = Matrix(columns: [[1], [2]], rows: 1)
    #expect(LeastSquares.solve(matrix, [1]) == nil)
    #expect(LeastSquares.solve(matrix, [1], damping: 0.1) != nil)
    #expect(LeastSquares.solve(Matrix(columns: [], rows: 2), [1, 2], damping: 1) == nil)
  }

  @Test("Eigenvectors turn a symmetric matrix into its eigenvalues, the least first")
  func eigen() {
    var stream = Numbers()
    for size in 1...6 {
      let root = Matrix(
        columns: (0..<size).map { _ in (0..<size).map { _ in stream.next(3) } }, rows: size)
      let matrix = root.normal
      let eigen = SymmetricEigen(matrix)
      #expect(eigen.values == eigen.values.sorted())
      for (value, vector) in zip(eigen.values, eigen.vectors) {
        #expect(isNear(product(matrix, vector), vector.map { $0 * value }, 1e-9))
        #expect((vector.reduce(0) { $0 + $1 * $1 } - 1).magnitude < 1e-12)
      }
    }
  }

  @Test("The eigenvalues of a matrix that is known are known")
  func knownEigen() {
    let eigen = SymmetricEigen(Matrix(columns: [[2, 1], [1, 2]], rows: 2))
    #expect(isNear(eigen.values, [1, 3], 1e-12))
    let diagonal = 0.5.squareRoot()
    #expect(isNear(eigen.vectors[1], [diagonal, diagonal], 1e-12))
  }

  private func isNear(_ left: [Double], _ right: [Double], _ tolerance: Double) -> Bool {
    left.count == right.count && zip(left, right).allSatisfy { ($0 - $1).magnitude <= tolerance }
  }

  private func product(_ matrix: Matrix, _ vector: [Double]) -> [Double] {
    (0..<matrix.rows).map { row in
      (0..<matrix.columns).reduce(0) { $0 + matrix[row, $1] * vector[$1] }
    }
  }
}

/// Numbers between minus and plus a bound, always the same ones.
struct Numbers {
  private var state: UInt64 = 11

  mutating func next(_ bound: Double) -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (Double(state >> 11) / Double(UInt64(1) << 53) * 2 - 1) * bound
  }
}
