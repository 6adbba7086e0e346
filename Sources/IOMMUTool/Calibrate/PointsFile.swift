import IOMMU
import MachineModel

/// What a file of points says, each with its place for errors that show only later.
struct PointsFile: Equatable, Sendable {
  /// Something that a file says, and where.
  struct Located<Value: Equatable & Sendable>: Equatable, Sendable {
    var value: Value
    /// From 1.
    var line: Int
    /// From 1.
    var column: Int

    /// An error at this place.
    func error(_ message: String) -> MachineFileError {
      MachineFileError(line: line, column: column, message)
    }
  }

  /// A constant to be fitted, as far as the file says.
  struct Constant: Equatable, Sendable {
    /// The key of the machine file.
    var path: String
    /// Where to start, if not at the machine's value.
    var start: Located<UInt64>?
    /// The least value, if one is given.
    var least: Located<UInt64>?
    /// The greatest value, if one is given.
    var most: Located<UInt64>?
  }

  /// The starting machine, by name or path.
  var machine = Located(value: "", line: 1, column: 1)

  /// The work, by name or path.
  var workload = Located(value: "", line: 1, column: 1)

  /// Where random numbers start.
  var seed: UInt64 = 1

  /// What relative figures refer to.
  var reference = PolicyChoice(.legacy)

  /// The constants, in the file's order.
  var constants: [Located<Constant>] = []

  /// The points, in the file's order.
  var points: [Located<CalibrationPoint>] = []
}
