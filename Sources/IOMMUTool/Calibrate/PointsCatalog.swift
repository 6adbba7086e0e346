/// The measured points that the tool knows: those shipped inside it, and any file that a user
/// names.
enum PointsCatalog {
  /// The names of the points shipped.
  static let names = ["thread-2022"]

  /// Reads the points that `text` names, or the file at that path; errors call it `path`.
  ///
  /// A text with a slash or with `.yaml` at its end is a path; so is that of a file that exists.
  static func points(_ text: String) throws(ToolError) -> (file: PointsFile, path: String) {
    if let bytes = shipped(text) {
      return (try read(bytes, path: text + ".yaml"), text + ".yaml")
    }
    let isPath = text.contains("/") || text.hasSuffix(".yaml") || text.hasSuffix(".yml")
    if !isPath, !InputFile.exists(text) {
      let hint = NearestName.hint(for: text, among: names)
      throw .usage("unknown points '\(text)'; \(hint) A file's name ends in .yaml.")
    }
    return (try read(InputFile.bytes(of: text, atMost: 1 << 20), path: text), text)
  }

  private static func read(_ bytes: [UInt8], path: String) throws(ToolError) -> PointsFile {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      let (line, column) = InputFile.firstInvalidUTF8(bytes)
      throw .malformed(path: path, line: line, column: column, "not UTF-8")
    }
    do throws(MachineFileError) {
      return try PointsFileReader.read(text)
    } catch {
      throw .malformed(path: path, line: error.line, column: error.column, error.message)
    }
  }

  private static func shipped(_ name: String) -> [UInt8]? {
    name == "thread-2022" ? PackageResources.thread_2022_yaml : nil
  }
}
