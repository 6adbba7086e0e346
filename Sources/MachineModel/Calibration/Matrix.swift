/// A small dense matrix, row by row.
public struct Matrix: Equatable, Sendable {
  /// The number of rows.
  public let rows: Int

  /// The number of columns.
  public let columns: Int

  private var elements: [Double]

  /// A matrix of zeros.
  public init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    elements = Array(repeating: 0, count: rows * columns)
  }

  /// The matrix with these columns, all of the same length.
  public init(columns: [[Double]], rows: Int) {
    self.init(rows: rows, columns: columns.count)
    for (column, values) in columns.enumerated() {
      for row in 0..<rows { self[row, column] = values[row] }
    }
  }

  /// The element in `row` and `column`, both from 0.
  public subscript(row: Int, column: Int) -> Double {
    get { elements[row * columns + column] }
    set { elements[row * columns + column] = newValue }
  }

  /// One column.
  public func column(_ index: Int) -> [Double] { (0..<rows).map { self[$0, index] } }

  /// The matrix of only these columns, in this order.
  public func keeping(columns kept: [Int]) -> Matrix {
    Matrix(columns: kept.map { column($0) }, rows: rows)
  }

  /// The transpose times the matrix: symmetric, as large as there are columns.
  ///
  /// Complexity: O(rows times columns squared).
  public var normal: Matrix {
    var product = Matrix(rows: columns, columns: columns)
    for left in 0..<columns {
      for right in 0..<columns {
        product[left, right] = (0..<rows).reduce(0) { $0 + self[$1, left] * self[$1, right] }
      }
    }
    return product
  }
}
