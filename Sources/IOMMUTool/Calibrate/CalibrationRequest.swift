import IOMMU
import MachineModel

/// Everything that a calibration's result depends on, with all files read.
struct CalibrationRequest: Sendable {
  /// What the user called the points.
  let label: String

  /// The points.
  let file: PointsFile

  /// The starting machine, before any `start` of the points.
  let machine: MachineDescription

  /// The text of its file.
  let machineText: String

  /// The work.
  let workload: WorkloadChoice

  /// The keys that are fitted.
  let keys: [MachineKey]

  /// The same, as the fit sees them.
  let constants: [FittedConstant]

  /// Reads the points that `text` names, and what they name.
  init(_ text: String) throws(ToolError) {
    let (file, path) = try PointsCatalog.points(text)
    label = text
    self.file = file
    (machine, machineText) = try Self.located(file.machine, path) {
      (name) throws(ToolError) in try MachineCatalog.machineAndFile(name)
    }
    workload = try Self.located(file.workload, path) {
      (name) throws(ToolError) in try WorkloadChoice(name)
    }
    var keys: [MachineKey] = []
    var constants: [FittedConstant] = []
    do throws(MachineFileError) {
      for constant in file.constants {
        guard let key = MachineKey.all.first(where: { $0.path == constant.value.path }) else {
          throw constant.error("unknown constant '\(constant.value.path)'")
        }
        keys.append(key)
        constants.append(try Self.constant(constant, key, machine))
      }
    } catch {
      throw .malformed(path: path, line: error.line, column: error.column, error.message)
    }
    self.keys = keys
    self.constants = constants
  }

  /// The starting machine with values for the constants.
  func machine(_ values: [UInt64]) -> MachineDescription {
    var machine = machine
    for (key, value) in zip(keys, values) { key.number?.set(value, &machine) }
    return machine
  }

  /// A value of the constant at `index`, as the machine file writes it.
  func spelling(_ value: UInt64, of index: Int) -> String {
    keys[index].number?.quantity.decimalSpelling(of: value) ?? String(value)
  }

  /// Names a file's unknown machine or work at its place in that file.
  private static func located<Value>(
    _ name: PointsFile.Located<String>, _ path: String,
    _ read: (String) throws(ToolError) -> Value
  ) throws(ToolError) -> Value {
    do throws(ToolError) {
      return try read(name.value)
    } catch .usage(let message) {
      throw .malformed(path: path, line: name.line, column: name.column, message)
    }
  }

  private static func constant(
    _ constant: PointsFile.Located<PointsFile.Constant>, _ key: MachineKey,
    _ machine: MachineDescription
  ) throws(MachineFileError) -> FittedConstant {
    let (path, asked) = (constant.value.path, constant.value)
    guard let number = key.number else { throw constant.error("'\(path)' is no number") }
    guard let start = asked.start?.value ?? number.value(machine) else {
      throw constant.error("\(path) is unlimited on \(machine.name); give it a start")
    }
    if start == 0 {
      throw constant.error(
        "\(path) is 0 on \(machine.name), and no factor changes that; give it a start above 0")
    }
    let (product, overflow) = start.multipliedReportingOverflow(by: 100)
    let least = asked.least?.value ?? max(start / 100, number.range.lowerBound, 1)
    let most = asked.most?.value ?? min(overflow ? .max : product, number.range.upperBound)
    if least > start || start > most {
      let bound = least > start ? asked.least : asked.most
      throw (bound ?? PointsFile.Located(value: 0, line: constant.line, column: constant.column))
        .error("\(path) starts at \(number.quantity.decimalSpelling(of: start)), out of its bounds")
    }
    if least == most { throw constant.error("\(path) can have but one value; take it out") }
    return FittedConstant(name: path, start: start, least: least, most: most)
  }
}
