import IOMMU
import MachineModel

/// Reads a file of points, strictly: no key is unknown, no number without its unit.
enum PointsFileReader {
  /// Reads `text`; the error is at the place that is wrong.
  static func read(_ text: String) throws(MachineFileError) -> PointsFile {
    guard let node = try MachineFileReader.compose(text) else {
      throw MachineFileError(line: 1, column: 1, "expected the keys of points, found nothing")
    }
    let root = PointsNode(node, name: "points")
    let keys = try root.keys(["machine", "workload", "seed", "reference", "constants", "points"])
    var file = PointsFile()
    file.machine = try needed(keys, "machine", of: root).text()
    file.workload = try needed(keys, "workload", of: root).text()
    if let node = keys["seed"] { file.seed = try node.scalar(Quantity.count.parse) }
    if let node = keys["reference"] { file.reference = try node.scalar(policy) }
    let constants = try needed(keys, "constants", of: root)
    for (key, node) in try constants.pairs() {
      file.constants.append(try constant(key, node))
    }
    let points = try needed(keys, "points", of: root)
    for node in try points.items() {
      let point = node.located(try PointsFileReader.point(node))
      try checkMeaning(of: point, in: file)
      file.points.append(point)
    }
    try checkCounts(file, constants)
    return file
  }

  /// The keys of the machine file that can be fitted.
  static let fittable: [String] = MachineKey.all.filter { $0.number.map { !$0.isSize } ?? false }
    .map(\.path)

  static func needed(
    _ keys: [String: PointsNode], _ name: String, of parent: PointsNode
  ) throws(MachineFileError) -> PointsNode {
    if let node = keys[name] { return node }
    throw parent.error("the key '\(name)' is missing")
  }

  static func policy(_ piece: SpellingPiece) throws(SpellingError) -> PolicyChoice {
    do throws(SpellingError) {
      return try PolicySpelling.parse(String(piece.text))
    } catch {
      throw SpellingError(column: error.column + piece.column - 1, error.message)
    }
  }

  private static func constant(
    _ key: PointsFile.Located<String>, _ node: PointsNode
  ) throws(MachineFileError) -> PointsFile.Located<PointsFile.Constant> {
    guard let known = MachineKey.all.first(where: { $0.path == key.value }) else {
      let hint = NearestName.hint(for: key.value, among: fittable)
      throw key.error("unknown constant '\(key.value)'; \(hint)")
    }
    guard let number = known.number, !number.isSize else {
      throw key.error(
        "'\(key.value)' cannot be fitted: only times and numbers can, and sizes are not among them")
    }
    var constant = PointsFile.Constant(path: key.value)
    if !node.isEmpty {
      let values = try node.keys(["start", "least", "most"])
      constant.start = try values["start"].map { (node) throws(MachineFileError) in
        try value(node, number)
      }
      constant.least = try values["least"].map { (node) throws(MachineFileError) in
        try value(node, number)
      }
      constant.most = try values["most"].map { (node) throws(MachineFileError) in
        try value(node, number)
      }
    }
    return PointsFile.Located(value: constant, line: key.line, column: key.column)
  }

  private static func value(
    _ node: PointsNode, _ number: MachineNumber
  ) throws(MachineFileError) -> PointsFile.Located<UInt64> {
    let lowest = max(number.range.lowerBound, 1)
    let value = try node.scalar { (piece) throws(SpellingError) in
      let value = try number.quantity.parse(piece)
      if value >= lowest, value <= number.range.upperBound { return value }
      throw SpellingError(
        column: piece.column,
        "expected \(number.quantity.spelling(of: lowest)) to "
          + "\(number.quantity.spelling(of: number.range.upperBound)), found \(piece.quoted)")
    }
    return node.located(value)
  }

  private static func checkMeaning(
    of point: PointsFile.Located<CalibrationPoint>, in file: PointsFile
  ) throws(MachineFileError) {
    let (policy, figure) = (point.value.policy, point.value.figure)
    if figure == .relative, policy == file.reference {
      throw point.error(
        "relative to \(PolicySpelling.spelling(of: policy)), itself is 1 on any machine; take the "
          + "point out")
    }
    if file.points.contains(where: { $0.value.policy == policy && $0.value.figure == figure }) {
      throw point.error(
        "\(PolicySpelling.spelling(of: policy)) has a point for \(figure.rawValue) already")
    }
  }

  private static func checkCounts(
    _ file: PointsFile, _ constants: PointsNode
  ) throws(MachineFileError) {
    if file.constants.isEmpty { throw constants.error("expected at least one constant to fit") }
    let fitted = file.points.count { $0.value.role == .fit }
    if fitted < file.constants.count {
      throw constants.error(
        "\(file.constants.count) constants cannot be told from \(fitted) fitted points; "
          + "expected at least as many points as constants")
    }
  }
}
