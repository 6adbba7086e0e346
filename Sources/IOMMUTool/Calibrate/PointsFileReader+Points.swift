import MachineModel

extension PointsFileReader {
  /// Reads one point of the list.
  static func point(_ node: PointsNode) throws(MachineFileError) -> CalibrationPoint {
    let figures = CalibrationPoint.Figure.allCases
    let keys = try node.keys(["policy"] + figures.map(\.rawValue) + ["error", "role"])
    let policy = try needed(keys, "policy", of: node).scalar(PointsFileReader.policy)
    let given = figures.filter { keys[$0.rawValue] != nil }
    let names = NearestName.list(figures.map(\.rawValue))
    guard let figure = given.first, let value = keys[figure.rawValue] else {
      throw node.error("expected one figure: \(names)")
    }
    if given.count > 1, let second = keys[given[1].rawValue] {
      throw second.error("expected one figure for each point: \(names)")
    }
    let measurement = try measurement(value, keys["error"], figure)
    let roleNode = try needed(keys, "role", of: node)
    let word = try roleNode.word(CalibrationPoint.Role.allCases.map(\.rawValue))
    let role = CalibrationPoint.Role(rawValue: word) ?? .predict
    if role == .fit, case .bounds = measurement {
      throw roleNode.error("bounds cannot be fitted, for they have no residual; expected predict")
    }
    return CalibrationPoint(policy: policy, figure: figure, measurement: measurement, role: role)
  }

  private static func measurement(
    _ node: PointsNode, _ error: PointsNode?, _ figure: CalibrationPoint.Figure
  ) throws(MachineFileError) -> CalibrationPoint.Measurement {
    if node.hasKeys {
      if let error { throw error.error("bounds have no error; take it out") }
      return try bounds(node)
    }
    let value = try node.scalar { (piece) throws(SpellingError) in
      let value = try decimal(piece)
      if value > 0 || figure == .invalidationsPerIO { return value }
      throw SpellingError(column: piece.column, "expected a number above 0, found \(piece.quoted)")
    }
    guard let error else { throw node.error("the key 'error' is missing") }
    return .value(value, error: try standardError(error, of: value))
  }

  private static func bounds(
    _ node: PointsNode
  ) throws(MachineFileError) -> CalibrationPoint.Measurement {
    let keys = try node.keys(["above", "below"])
    let above = try keys["above"].map { (node) throws(MachineFileError) in try node.scalar(decimal)
    }
    let below = try keys["below"].map { (node) throws(MachineFileError) in try node.scalar(decimal)
    }
    if above == nil, below == nil { throw node.error("expected above, below or both") }
    if let above, let below, above >= below {
      throw (keys["below"] ?? node).error("nothing lies above \(above) and below \(below)")
    }
    return .bounds(above: above, below: below)
  }

  private static func standardError(
    _ node: PointsNode, of value: Double
  ) throws(MachineFileError) -> Double {
    let error = try node.scalar { (piece) throws(SpellingError) in
      guard piece.text.last == "%" else { return try decimal(piece) }
      let share = SpellingPiece(piece.text.dropLast(), column: piece.column)
      return try decimal(share) / 100 * value
    }
    if error > 0 { return error }
    throw node.error("an error of 0 would leave the point no other value; expected one above 0")
  }

  /// A number of digits with or without a point, as people write figures.
  private static func decimal(_ piece: SpellingPiece) throws(SpellingError) -> Double {
    let digits = piece.text.allSatisfy { $0.isASCII && $0.isNumber || $0 == "." }
    if digits, piece.text.first != ".", piece.text.last != ".", let value = Double(piece.text),
      value.isFinite
    {
      return value
    }
    throw SpellingError(
      column: piece.column, "expected a number such as 0.76, found \(piece.quoted)")
  }
}
