import Subprocess
import SystemPackage

/// The image for IBM Z, brought up to date by its build script.
enum BootImage {
  /// The image's file.
  ///
  /// Throws: `unavailable` without the sources, or where they cannot be built, which the script has
  /// explained.
  static func current() async throws(ToolError) -> FilePath {
    guard let folder = PackageFolder.path else {
      throw .unavailable(
        "the sources of the image are not where this tool was built; build it in their folder "
          + "with Platforms/s390x/build, and name it with --image")
    }
    let result = try await Programs.run(
      .path(folder.appending("Platforms/s390x/build")), ["--unless-current"], in: folder,
      collecting: true)
    guard result.code == 0, let line = result.output.split(whereSeparator: \.isNewline).last else {
      throw .unavailable("the image could not be built; see above")
    }
    return folder.appending(String(line))
  }
}
