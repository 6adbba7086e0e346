/// What is wrong with a machine file, or a file of points, and where.
struct MachineFileError: Error, Equatable {
  /// The line, from 1.
  let line: Int
  /// The character in it, from 1.
  let column: Int
  /// What was expected there and what was found, in one line.
  let message: String

  init(line: Int, column: Int, _ message: String) {
    self.line = line
    self.column = column
    self.message = message
  }
}
