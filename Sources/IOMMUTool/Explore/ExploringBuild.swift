import Subprocess
import SystemPackage

/// The form of the tool that has yield points: built beside the ordinary one, and run in its place.
///
/// Yield points cost instructions on every path that is meant to be fast, so the ordinary build has
/// none; the package trait `InterleavingExploration` brings them in.
enum ExploringBuild {
  /// Where the build lies, in the package's folder.
  static let scratch = ".build-explore"

  private static let options = [
    "-c", "release", "--traits", "InterleavingExploration", "--scratch-path", scratch,
    "--product", "iommu",
  ]

  /// Brings the build up to date and runs it with `arguments`; its output is the result.
  ///
  /// Throws: `unavailable` without sources or compiler; `elsewhere` with the other's exit code.
  static func run(_ arguments: [String]) async throws(ToolError) -> String {
    guard let folder = PackageFolder.path else {
      throw .unavailable(
        "this build has no yield points, and its sources are not where it was built; in their "
          + "folder run: swift run \(options.joined(separator: " ")) \(line(arguments))")
    }
    if !PackageFolder.exists(folder.appending(scratch)) {
      tell("building the form with yield points in \(scratch); the first time takes minutes")
    }
    let build = try await Programs.run(
      .name("swift"), ["build"] + options, in: folder, collecting: false)
    guard build.code == 0 else {
      throw .unavailable("the form with yield points could not be built; see above")
    }
    let tool = folder.appending(scratch).appending("release").appending("iommu")
    let result = try await Programs.run(.path(tool), arguments, in: nil, collecting: true)
    if result.code == 0 { return result.output }
    throw .elsewhere(report: result.output, exitCode: result.code)
  }

  private static func line(_ arguments: [String]) -> String {
    arguments.map { $0.contains(" ") ? "'\($0)'" : $0 }.joined(separator: " ")
  }

  private static func tell(_ note: String) {
    do { _ = try FileDescriptor.standardError.writeAll("iommu: note: \(note)\n".utf8) } catch {}
  }
}
