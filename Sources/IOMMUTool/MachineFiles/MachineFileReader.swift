import MachineModel
import Yams

/// Reads a machine file: YAML whose keys are those of ``MachineKey/all``.
struct MachineFileReader {
  private var machine = MachineDescription(name: "")
  private var marks: [String: Mark] = [:]

  /// Reads `text`; the error is the first in the order of the file.
  static func read(_ text: String) throws(MachineFileError) -> MachineDescription {
    var reader = MachineFileReader()
    guard let root = try compose(text) else {
      throw MachineFileError(line: 1, column: 1, "expected a machine's keys, found nothing")
    }
    guard let mapping = root.mapping else {
      throw reader.error(root.mark, "expected a machine's keys, found \(kind(root))")
    }
    try reader.take(mapping, prefix: "")
    try reader.checkCompleteness(root.mark)
    try reader.checkTogether(root.mark)
    return reader.machine
  }

  private mutating func take(
    _ mapping: Node.Mapping, prefix: String
  ) throws(MachineFileError) {
    for (key, value) in mapping {
      guard let name = key.scalar?.string else {
        throw error(key.mark, "expected a key, found \(Self.kind(key))")
      }
      try take(path: prefix + name, value, keyMark: key.mark)
    }
  }

  private mutating func take(
    path: String, _ value: Node, keyMark: Mark?
  ) throws(MachineFileError) {
    if MachineKey.groups.contains(path) {
      guard let mapping = value.mapping else {
        throw error(
          value.mark ?? keyMark, "expected the keys of '\(path)', found \(Self.kind(value))")
      }
      marks[path] = keyMark
      return try take(mapping, prefix: path + ".")
    }
    guard let key = MachineKey.all.first(where: { $0.path == path }) else {
      let hint = NearestName.hint(for: path, among: Self.siblings(of: path))
      throw error(keyMark, "unknown key '\(path)'; \(hint)")
    }
    guard let scalar = value.scalar else {
      throw error(value.mark, "expected one value for '\(path)', found \(Self.kind(value))")
    }
    do throws(SpellingError) {
      // Where a quote opens the value, its first character stands one further on.
      let quoted = scalar.style == .singleQuoted || scalar.style == .doubleQuoted
      try key.read(SpellingPiece(scalar.string[...], column: quoted ? 2 : 1), &machine)
    } catch {
      let mark = value.mark ?? keyMark
      throw MachineFileError(
        line: mark?.line ?? 1, column: (mark?.column ?? 1) + error.column - 1,
        "\(path): \(error.message)")
    }
    marks[path] = value.mark ?? keyMark
  }

  private func checkCompleteness(_ root: Mark?) throws(MachineFileError) {
    let missing = MachineKey.all.first {
      marks[$0.path] == nil && !MachineKey.optional.contains($0.path) && isExpected($0)
    }
    guard let missing else { return }
    let group = missing.path.split(separator: ".").first.map(String.init) ?? ""
    throw error(marks[group] ?? root, "the key '\(missing.path)' is missing")
  }

  /// Whether the key's group has to be there, or is.
  private func isExpected(_ key: MachineKey) -> Bool {
    guard let group = key.path.split(separator: ".").first.map(String.init) else { return true }
    return !MachineKey.optionalGroups.contains(group) || marks[group] != nil
  }

  /// Checks what one key alone cannot tell, such as tables that are larger than memory.
  private func checkTogether(_ root: Mark?) throws(MachineFileError) {
    do throws(MachineDescriptionError) {
      try machine.validate()
    } catch {
      guard let key = MachineKey.all.first(where: { $0.field == error.field }) else {
        throw self.error(root, "\(error)")
      }
      throw self.error(
        marks[key.path], "\(key.path): \(error.value) is out of place; expected \(error.expected)")
    }
  }

  private static func siblings(of path: String) -> [String] {
    let group = path.split(separator: ".").first.map(String.init) ?? ""
    let inGroup = MachineKey.all.map(\.path).filter { $0.hasPrefix(group + ".") }
    if path.contains("."), !inGroup.isEmpty { return inGroup }
    return MachineKey.all.map(\.path).filter { !$0.contains(".") } + MachineKey.groups
  }

  private static func kind(_ node: Node) -> String {
    switch node {
    case .scalar(let scalar): SpellingPiece(scalar.string[...]).quoted
    case .mapping: "a group of keys"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }

  private func error(_ mark: Mark?, _ message: String) -> MachineFileError {
    MachineFileError(line: mark?.line ?? 1, column: mark?.column ?? 1, message)
  }
}
