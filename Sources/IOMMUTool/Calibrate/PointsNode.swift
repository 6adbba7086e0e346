import Yams

/// A node of a points file, with what reading it strictly takes.
struct PointsNode {
  /// The node.
  let node: Node

  /// Where it stands; an empty value has no place of its own, so its key's counts.
  let mark: Mark?

  /// What it belongs to, for messages: `points`, `error`.
  let name: String

  init(_ node: Node, name: String, keyMark: Mark? = nil) {
    self.node = node
    self.name = name
    mark = node.mark ?? keyMark
  }

  /// The values behind keys, which must be among `allowed`.
  ///
  /// Yams refuses a key that is given twice before this is reached.
  func keys(_ allowed: [String]) throws(MachineFileError) -> [String: PointsNode] {
    var found: [String: PointsNode] = [:]
    for (key, child) in try pairs() {
      if !allowed.contains(key.value) {
        let hint = NearestName.hint(for: key.value, among: allowed)
        throw key.error("unknown key '\(key.value)'; \(hint)")
      }
      found[key.value] = child
    }
    return found
  }

  /// All keys and what is behind them, in order.
  func pairs() throws(MachineFileError) -> [(PointsFile.Located<String>, PointsNode)] {
    guard let mapping = node.mapping else {
      throw error("expected the keys of '\(name)', found \(kind)")
    }
    var pairs: [(PointsFile.Located<String>, PointsNode)] = []
    for (key, value) in mapping {
      guard let text = key.scalar?.string else {
        throw PointsNode(key, name: name).error(
          "expected a key, found \(PointsNode(key, name: "").kind)")
      }
      let place = PointsFile.Located(
        value: text, line: key.mark?.line ?? 1, column: key.mark?.column ?? 1)
      pairs.append((place, PointsNode(value, name: text, keyMark: key.mark)))
    }
    return pairs
  }

  /// The items of a list.
  func items() throws(MachineFileError) -> [PointsNode] {
    guard let sequence = node.sequence else {
      throw error("expected a list of \(name), found \(kind)")
    }
    return sequence.map { PointsNode($0, name: name, keyMark: mark) }
  }

  /// What `read` makes of the one value, errors at the character that is wrong.
  func scalar<Value>(
    _ read: (SpellingPiece) throws(SpellingError) -> Value
  ) throws(MachineFileError) -> Value {
    guard let scalar = node.scalar else {
      throw error("expected one value for '\(name)', found \(kind)")
    }
    do throws(SpellingError) {
      // Where a quote opens the value, its first character stands one further on.
      let quoted = scalar.style == .singleQuoted || scalar.style == .doubleQuoted
      return try read(SpellingPiece(scalar.string[...], column: quoted ? 2 : 1))
    } catch {
      throw MachineFileError(
        line: mark?.line ?? 1, column: (mark?.column ?? 1) + error.column - 1,
        "\(name): \(error.message)")
    }
  }

  /// A text of at least one character.
  func text() throws(MachineFileError) -> PointsFile.Located<String> {
    let text = try scalar { (piece) throws(SpellingError) in
      if !piece.text.isEmpty { return String(piece.text) }
      throw SpellingError(column: piece.column, "expected a text, found nothing")
    }
    return located(text)
  }

  /// One of `words`.
  func word(_ words: [String]) throws(MachineFileError) -> String {
    try scalar { (piece) throws(SpellingError) in
      if words.contains(String(piece.text)) { return String(piece.text) }
      throw SpellingError(
        column: piece.column, "expected \(NearestName.list(words)), found \(piece.quoted)")
    }
  }

  /// `value` at this node's place.
  func located<Value>(_ value: Value) -> PointsFile.Located<Value> {
    PointsFile.Located(value: value, line: mark?.line ?? 1, column: mark?.column ?? 1)
  }

  /// An error at this node's place.
  func error(_ message: String) -> MachineFileError { located(0).error(message) }

  /// Whether there is nothing behind the key.
  var isEmpty: Bool { node.scalar.map { $0.string.isEmpty } ?? false }

  /// Whether there are keys behind the key.
  var hasKeys: Bool { node.mapping != nil }

  /// What kind of node it is, for messages.
  var kind: String {
    switch node {
    case .scalar(let scalar): SpellingPiece(scalar.string[...]).quoted
    case .mapping: "a group of keys"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }
}
