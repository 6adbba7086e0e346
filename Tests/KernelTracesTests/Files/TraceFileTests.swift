import KernelTraces
import Testing

@testable import struct KernelTraces.Archive

@Suite("Files")
struct TraceFileTests {
  private func path(_ name: String) -> String { "\(Traces.fixtures)/\(name)" }

  private func problem(_ name: String) async throws -> TraceError.Problem? {
    try await withUnpacker {
      do throws(TraceError) {
        try await TraceFile.read(path(name)) { _, _ in }
        return nil
      } catch {
        #expect(error.file == path(name))
        if case .missingTool = error.problem { throw error }
        return error.problem
      }
    }
  }

  @Test(
    "are the same plain and packed, whatever their names",
    arguments: [
      "small.ftrace", "small.ftrace.xz", "small.ftrace.zst", "small.ftrace.gz", "misnamed.txt",
    ])
  func packed(_ name: String) async throws {
    try await withUnpacker {
      var lines: [Int] = []
      let statistics = try await TraceFile.read(path(name)) { event, _ in lines.append(event.line) }
      #expect(lines == Array(13...80))
      #expect(statistics.events.total == 68)
      #expect(statistics.lines == 80)
    }
  }

  @Test(
    "that are cut off are errors", arguments: ["cut.ftrace.xz", "cut.ftrace.zst", "cut.ftrace.gz"])
  func cutArchive(_ name: String) async throws {
    guard case .damagedArchive(let reason) = try await problem(name) else {
      Issue.record("accepted")
      return
    }
    #expect(reason.contains(":"), "the program's own words: \(reason)")
  }

  @Test("of plain text that are cut off are errors at the last line")
  func cutText() async throws {
    await #expect {
      try await TraceFile.read(path("cut.ftrace")) { _, _ in }
    } throws: { error in
      guard let error = error as? TraceError, case .truncated = error.problem else { return false }
      return error.line == 42 && error.column == 93
    }
  }

  @Test("that are missing, empty, binary or a directory are told apart")
  func unusable() async throws {
    #expect(try await problem("no-such-file") == .missingFile)
    #expect(try await problem("empty.ftrace") == .empty)
    #expect(try await problem("binary.ftrace") == .notATrace(reason: "the file is binary"))
    guard case .unreadable = try await problem("") else {
      Issue.record("a directory is accepted")
      return
    }
  }

  @Test("exit codes are those of sysexits.h")
  func exitCodes() {
    func code(_ problem: TraceError.Problem) -> Int32 {
      TraceError(file: "f", line: 0, column: 0, problem: problem).exitCode
    }
    #expect(code(.missingFile) == 66)
    #expect(code(.empty) == 65)
    #expect(code(.damagedArchive(reason: "")) == 65)
    #expect(code(.missingTool(name: "xz", debianPackage: "xz-utils")) == 69)
  }

  @Test("archives are told by their first bytes")
  func magic() {
    #expect(Archive(magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]) == .xz)
    #expect(Archive(magic: [0x28, 0xb5, 0x2f, 0xfd, 0, 0]) == .zstd)
    #expect(Archive(magic: [0x1f, 0x8b, 8, 0, 0, 0]) == .gzip)
    #expect(Archive(magic: [0xfd, 0x37, 0x7a]) == nil)
    #expect(Archive(magic: []) == nil)
  }
}
