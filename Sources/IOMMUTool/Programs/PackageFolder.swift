import SystemPackage

/// The folder of the sources that this executable was built from.
enum PackageFolder {
  /// The folder, one of those that the executable lies in; `nil` where it lies elsewhere.
  static var path: FilePath? {
    guard var folder = executable else { return nil }
    while folder.removeLastComponent(), !folder.components.isEmpty {
      if exists(folder.appending("Sources").appending("IOMMUTool")),
        exists(folder.appending("Package.swift"))
      {
        return folder
      }
    }
    return nil
  }

  /// Whether there is something that can be read at `path`.
  static func exists(_ path: FilePath) -> Bool {
    do {
      let descriptor = try FileDescriptor.open(path, .readOnly)
      try descriptor.close()
      return true
    } catch {
      return false
    }
  }
}
