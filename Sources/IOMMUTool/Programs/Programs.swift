import Subprocess
import SystemPackage

/// Other programs that do a part of the work.
enum Programs {
  /// Runs a program to its end; what it says of errors goes where this tool's go.
  ///
  /// Its output is returned where it is `collecting`, and else no result: it goes where progress
  /// goes.
  ///
  /// Throws: `unavailable` where it cannot be started.
  static func run(
    _ program: Executable, _ arguments: [String], in folder: FilePath?, collecting: Bool
  ) async throws(ToolError) -> (code: Int32, output: String) {
    do {
      let arguments = Arguments(arguments)
      if !collecting {
        let result = try await Subprocess.run(
          program, arguments: arguments, workingDirectory: folder,
          output: .fileDescriptor(.standardError, closeAfterSpawningProcess: false),
          error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false))
        return (code(result.terminationStatus), "")
      }
      let result = try await Subprocess.run(
        program, arguments: arguments, workingDirectory: folder,
        output: .string(limit: 1 << 26),
        error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false))
      return (code(result.terminationStatus), result.standardOutput)
    } catch {
      throw .unavailable("\(program) cannot be run: \(error)")
    }
  }

  static func code(_ status: TerminationStatus) -> Int32 {
    switch status {
    case .exited(let code): Int32(code)
    case .signaled(let signal): 128 + Int32(signal)
    }
  }
}
