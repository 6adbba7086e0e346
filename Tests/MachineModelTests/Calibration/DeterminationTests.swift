import Testing

@testable import MachineModel

@Suite struct DeterminationTests {
  @Test("Independent columns have standard errors of one over their length, and no correlation")
  func independent() {
    let determination = Determination(jacobian: Matrix(columns: [[3, 4], [-4, 3]], rows: 2))
    #expect((determination.standardErrors[0] - 0.2).magnitude < 1e-12)
    #expect((determination.standardErrors[1] - 0.2).magnitude < 1e-12)
    #expect(determination.correlations[0, 1].magnitude < 1e-12)
    #expect(determination.undetermined.isEmpty)
  }

  @Test("The errors are the roots of the diagonal of the inverse normal matrix")
  func covariance() {
    // J'J = [[5, 4], [4, 5]], whose inverse is [[5, -4], [-4, 5]] / 9.
    let determination = Determination(jacobian: Matrix(columns: [[1, 2], [2, 1]], rows: 2))
    #expect((determination.standardErrors[0] - (5.0 / 9).squareRoot()).magnitude < 1e-12)
    #expect((determination.correlations[0, 1] + 0.8).magnitude < 1e-12)
    #expect(determination.correlations[0, 0] == 1)
  }

  @Test("Two constants that act as one are both undetermined, in the direction of their difference")
  func singular() {
    let determination = Determination(
      jacobian: Matrix(columns: [[10, 20], [10, 20], [3, -5]], rows: 2))
    #expect(determination.standardErrors[0] == .infinity)
    #expect(determination.standardErrors[1] == .infinity)
    #expect(determination.standardErrors[2] < 1)
    #expect(determination.isUndetermined(0) && !determination.isUndetermined(2))
    #expect(determination.undetermined.count == 1)
    let direction = determination.undetermined[0]
    #expect((direction[0] + direction[1]).magnitude < 1e-6 && direction[2].magnitude < 1e-6)
  }

  @Test(
    "A weak constant is undetermined if a factor of ten passes within an error",
    arguments: [0.4, 0.5])
  func weak(influence: Double) {
    let determination = Determination(jacobian: Matrix(columns: [[influence]], rows: 1))
    #expect(determination.isUndetermined(0) == (influence < 0.43))
    #expect(determination.undetermined.isEmpty == (influence > 0.43))
  }

  @Test("Of too many constants, those stay that the points tell apart best")
  func mostIdentifiable() {
    // The second hardly does anything; the third is a copy of the first.
    let weak = Matrix(columns: [[10, 0], [0.01, 0.02], [0, 7]], rows: 2)
    #expect(Determination.mostIdentifiable(weak, count: 2) == [0, 2])
    let copies = Matrix(columns: [[10, 1], [10, 1], [1, 10]], rows: 2)
    #expect(Determination.mostIdentifiable(copies, count: 2) == [0, 2])
    let row = Matrix(columns: [[1], [5], [2]], rows: 1)
    #expect(Determination.mostIdentifiable(row, count: 1) == [1])
    #expect(Determination.mostIdentifiable(weak, count: 3) == [0, 1, 2])
  }
}
