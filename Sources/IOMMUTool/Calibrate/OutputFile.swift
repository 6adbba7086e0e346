import SystemPackage

/// A file that a result goes to.
enum OutputFile {
  /// Checks, before any work is begun, that something can be written to `path`.
  ///
  /// Leaves what is there as it is, and makes nothing.
  static func checkWritable(_ path: String) throws(ToolError) {
    let file = FilePath(path)
    var folder = file.removingLastComponent()
    if folder.isEmpty { folder = "." }
    do {
      do {
        try FileDescriptor.open(file, .writeOnly).close()
      } catch Errno.noSuchFileOrDirectory {
        try FileDescriptor.open(folder, .readOnly, options: .directory).close()
      }
    } catch {
      throw .usage("--output \(path): \(error)")
    }
  }

  /// Writes `text` to the file at `path`, in place of what it held.
  static func write(_ text: String, to path: String) throws(ToolError) {
    do {
      let file = try FileDescriptor.open(
        FilePath(path), .writeOnly, options: [.create, .truncate],
        permissions: [.ownerReadWrite, .groupRead, .otherRead])
      _ = try file.closeAfter { try file.writeAll(text.utf8) }
    } catch {
      throw .usage("--output \(path): \(error)")
    }
  }
}
