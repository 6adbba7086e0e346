import MachineModel
import Yams

/// The machine file that a calibration writes: the starting file with the found values in place.
enum CalibratedMachineText {
  /// The text, with lines above it that say what was fitted to which points.
  ///
  /// Throws: `checkFailed` where reading it back would not give the machine that was found.
  static func text(_ report: CalibrationReport, name: String) throws(ToolError) -> String {
    let request = report.request
    var machine = request.machine(report.result.values)
    machine.name = name
    do throws(MachineFileError) {
      var texts = ["name": name]
      for (index, key) in request.keys.enumerated() {
        texts[key.path] = request.spelling(report.result.values[index], of: index)
      }
      let body = try replacing(texts, in: request.machineText)
      let text = header(report).joined(separator: "\n") + "\n\n" + body
      if try MachineFileReader.read(text) == machine { return text }
      throw MachineFileError(line: 1, column: 1, "it reads back as another machine")
    } catch {
      throw .checkFailed(
        "the machine file cannot be made, line \(error.line), column \(error.column): "
          + error.message)
    }
  }

  /// `text` with the values of some keys replaced, and all else, comments above all, as it was.
  static func replacing(
    _ texts: [String: String], in text: String
  ) throws(MachineFileError) -> String {
    guard let root = try MachineFileReader.compose(text) else { return text }
    var lines = text.unicodeScalars.split(
      separator: "\n", maxSplits: .max, omittingEmptySubsequences: false
    ).map { Array($0) }
    // From the end on, so that places before stay where they are.
    let scalars = scalars(root, prefix: "").reversed()
    for (path, scalar) in scalars {
      guard let new = texts[path], let mark = scalar.mark else { continue }
      let quotes = scalar.style == .singleQuoted || scalar.style == .doubleQuoted ? 2 : 0
      let start = mark.column - 1
      let end = start + scalar.string.unicodeScalars.count + quotes
      guard mark.line <= lines.count, end <= lines[mark.line - 1].count else { continue }
      lines[mark.line - 1].replaceSubrange(start..<end, with: Array(new.unicodeScalars))
    }
    return lines.map { line in String(String.UnicodeScalarView(line)) }.joined(separator: "\n")
  }

  private static func scalars(_ node: Node, prefix: String) -> [(String, Node.Scalar)] {
    guard let mapping = node.mapping else { return [] }
    return mapping.flatMap { key, value -> [(String, Node.Scalar)] in
      let path = prefix + (key.scalar?.string ?? "")
      if let scalar = value.scalar { return [(path, scalar)] }
      return scalars(value, prefix: path + ".")
    }
  }

  private static func header(_ report: CalibrationReport) -> [String] {
    let request = report.request
    var lines = [
      "# Calibrated from \(request.machine.name) to the points \(request.label), under "
        + "\(request.workload.label), seed \(request.file.seed).",
      "# Fitted:",
    ]
    for index in request.keys.indices {
      let undetermined = report.result.determination.isUndetermined(index)
      lines.append(
        "#   \(request.keys[index].path) "
          + request.spelling(report.result.values[index], of: index)
          + (undetermined ? ", which the points do not determine" : ""))
    }
    lines += ["# to:"] + report.indices(.fit).map { point(report, $0) }
    if !report.indices(.predict).isEmpty {
      lines += ["# Predicted, with nothing fitted to it:"]
      lines += report.indices(.predict).map { point(report, $0) }
    }
    return lines + [
      "# These values stand in the starting file below; what its comments say of them is of before."
    ]
  }

  private static func point(_ report: CalibrationReport, _ index: Int) -> String {
    let point = report.points[index]
    return "#   \(PolicySpelling.spelling(of: point.policy)), \(point.figure.rawValue): measured "
      + "\(report.measured(index)), model "
      + report.number(report.result.models[index], of: index)
  }
}
