import SystemPackage

/// Files that a user names: whether they are there, and what is in them.
enum InputFile {
  /// Whether something at `path` can be opened for reading.
  static func exists(_ path: String) -> Bool {
    do throws(ToolError) {
      try checkReadable(path)
      return true
    } catch {
      return false
    }
  }

  /// Checks that the file at `path` can be read at all, before any work is begun.
  static func checkReadable(_ path: String) throws(ToolError) {
    _ = try contents(of: path, limit: 1)
  }

  /// The whole content of the file at `path`, which has at most `limit` bytes.
  static func bytes(of path: String, atMost limit: Int) throws(ToolError) -> [UInt8] {
    let bytes = try contents(of: path, limit: limit + 1)
    if bytes.count > limit {
      throw .malformed(path: path, line: 1, column: 1, "larger than \(limit) bytes")
    }
    return bytes
  }

  /// The line and column, from 1, of the first byte that is not UTF-8; the column counts bytes.
  static func firstInvalidUTF8(_ bytes: [UInt8]) -> (line: Int, column: Int) {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where String(validating: line, as: UTF8.self) == nil {
      var length = line.count
      while length > 0, String(validating: line.prefix(length), as: UTF8.self) == nil {
        length -= 1
      }
      return (index + 1, length + 1)
    }
    return (1, 1)
  }

  private static func contents(of path: String, limit: Int) throws(ToolError) -> [UInt8] {
    do {
      let file = try FileDescriptor.open(FilePath(path), .readOnly)
      return try file.closeAfter { try file.bytes(atMost: limit) }
    } catch let error as Errno {
      throw .missingInput(path: path, reason: "\(error)")
    } catch {
      throw .missingInput(path: path, reason: "cannot be read")
    }
  }
}
