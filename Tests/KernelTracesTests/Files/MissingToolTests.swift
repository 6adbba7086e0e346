import Testing

@testable import KernelTraces

@Suite("A missing unpacker")
struct MissingToolTests {
  @Test("is named, with the Debian package that has it")
  func missing() async throws {
    let archive = Archive(tool: "no-such-unpacker", debianPackage: "xz-utils")
    let path = "\(Traces.fixtures)/small.ftrace.xz"
    await #expect(
      throws: TraceError(
        file: path, line: 0, column: 0,
        problem: .missingTool(name: "no-such-unpacker", debianPackage: "xz-utils"))
    ) {
      try await TraceFile.read(path, unpackedAs: archive)
    }
  }
}
