import Foundation
import KernelTraces
import Testing

/// Reads a trace for a test; where the program that unpacks it is missing, the test says so and is
/// skipped, except in continuous integration, where it fails.
func withUnpacker<Result>(
  _ body: () async throws -> Result
) async throws -> Result {
  do {
    return try await body()
  } catch let error as TraceError {
    guard case .missingTool = error.problem,
      ProcessInfo.processInfo.environment["CI"] == nil
    else { throw error }
    // A cancelled case of a test with arguments is not in the test run's report.
    print("WARNING: SKIPPED, NOT TESTED: \(error)")
    try Test.cancel("\(error)")
  }
}

/// The first lines of a packed file, unpacked with its own program.
func unpackedText(_ path: String, lines: Int) throws -> String {
  let all = try unpackedText(path).split(separator: "\n", omittingEmptySubsequences: false)
  return all.prefix(lines).joined(separator: "\n") + "\n"
}

/// Unpacks a file with its own program, apart from the code under test.
func unpackedText(_ path: String) throws -> String {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = ["xz", "-dc", path]
  let pipe = Pipe()
  process.standardOutput = pipe
  try process.run()
  let data = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return String(decoding: data, as: UTF8.self)
}
