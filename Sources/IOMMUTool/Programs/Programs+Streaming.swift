import Subprocess
import SystemPackage

extension Programs {
  /// Runs a program to its end, and passes on each line of its output, errors too, as it comes.
  ///
  /// One that takes longer than `limit` is ended, and has a code of 128 and above then.
  ///
  /// Throws: `unavailable` where it cannot be started.
  static func stream(
    _ program: Executable, _ arguments: [String], limit: Duration? = nil,
    _ line: @escaping @Sendable (String) -> Void
  ) async throws(ToolError) -> (code: Int32, lines: [String]) {
    do {
      let result = try await Subprocess.run(
        program, arguments: Arguments(arguments), input: .none, output: .sequence,
        error: .combinedWithOutput
      ) { execution in
        try await within(limit, { try? execution.send(signal: .kill) }) {
          try await lines(execution.standardOutput, line)
        }
      }
      return (code(result.terminationStatus), result.closureResult)
    } catch {
      throw .unavailable("\(program) cannot be run: \(error)")
    }
  }

  /// Runs a program that is talked to on its standard input and output, while what it has to say
  /// otherwise comes on its standard error: each line of that may be answered.
  ///
  /// What it says on standard output comes last among the lines. Limit, throws: as ``stream``.
  static func converse(
    _ program: Executable, _ arguments: [String], greeting: String, limit: Duration? = nil,
    answer: @escaping @Sendable (String) -> String?
  ) async throws(ToolError) -> (code: Int32, lines: [String], replies: [String]) {
    do {
      let result = try await Subprocess.run(
        program, arguments: Arguments(arguments), input: .inputWriter, output: .sequence,
        error: .sequence
      ) { execution in
        try await within(limit, { try? execution.send(signal: .kill) }) {
          async let replies = lines(execution.standardOutput) { _ in }
          _ = try await execution.standardInputWriter.write(greeting)
          var said: [String] = []
          for try await line in execution.standardError.strings() {
            said.append(line)
            if let words = answer(line) {
              _ = try await execution.standardInputWriter.write(words)
            }
          }
          return (said, try await replies)
        }
      }
      let (said, replies) = result.closureResult
      return (code(result.terminationStatus), said, replies)
    } catch {
      throw .unavailable("\(program) cannot be run: \(error)")
    }
  }

  private static func lines(
    _ output: SubprocessOutputSequence, _ line: @Sendable (String) -> Void
  ) async throws -> [String] {
    var lines: [String] = []
    for try await text in output.strings() {
      lines.append(text)
      line(text)
    }
    return lines
  }

  /// Does `work`, and after `limit` whatever ends it.
  private static func within<Result: Sendable>(
    _ limit: Duration?, _ end: @escaping @Sendable () -> Void,
    _ work: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    guard let limit else { return try await work() }
    let watch = Task {
      try await Task.sleep(for: limit)
      end()
    }
    defer { watch.cancel() }
    return try await work()
  }
}
