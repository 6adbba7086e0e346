import Yams

extension MachineFileReader {
  /// The YAML document in `text`, or `nil` where there is none.
  static func compose(_ text: String) throws(MachineFileError) -> Node? {
    do {
      return try Yams.compose(yaml: text)
    } catch let error as YamlError {
      throw machineFileError(error, text)
    } catch {
      throw MachineFileError(line: 1, column: 1, "not YAML: \(error)")
    }
  }

  private static func machineFileError(_ error: YamlError, _ text: String) -> MachineFileError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      MachineFileError(line: mark.line, column: mark.column, "not YAML: \(problem)")
    case .reader(let problem, let offset, _, _):
      position(of: offset ?? 0, in: text, "not YAML: \(problem)")
    case .duplicatedKeysInMapping(let keys, let context):
      MachineFileError(
        line: context.mark.line, column: context.mark.column,
        "the key '\(keys.first ?? "")' is given twice")
    default: MachineFileError(line: 1, column: 1, "not YAML: \(error)")
    }
  }

  /// Turns a number of characters from the start into a line and a column.
  private static func position(
    of offset: Int, in text: String, _ message: String
  ) -> MachineFileError {
    let before = text.prefix(offset)
    let line = before.count { $0.isNewline } + 1
    let lineStart = before.lastIndex { $0.isNewline }.map { before.index(after: $0) }
    let column = before[(lineStart ?? before.startIndex)...].count + 1
    return MachineFileError(line: line, column: column, message)
  }
}
