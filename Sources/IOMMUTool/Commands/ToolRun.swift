import ArgumentParser

/// What a whole run of the tool comes to: nothing is written before all of it is known.
struct ToolOutcome: Equatable {
  /// The process's exit code.
  var exitCode: Int32 = 0

  /// What goes to standard output: the whole result, or nothing.
  var output = ""

  /// What goes to standard error: one line that says what is wrong, and perhaps a hint.
  var errors = ""
}

/// A verb of the tool.
protocol ReportingCommand: AsyncParsableCommand {
  /// How the verb is spelled behind the tool's name, as a hint to its help has it.
  static var path: String { get }

  /// What is to be said on standard error after a success, where standard output holds data.
  var notes: [String] { get }

  /// Does the work and returns the text for standard output.
  mutating func report(_ progress: Progress) async throws(ToolError) -> String
}

extension ReportingCommand {
  /// The verb's own name.
  static var path: String { _commandName }

  /// Nothing.
  var notes: [String] { [] }
}

/// Runs the tool from arguments to outcome, without touching the process.
enum ToolRun {
  /// Runs the verb that `arguments` (without the program's name) spell.
  static func outcome(
    of arguments: [String], progress: Progress = .silent
  ) async -> ToolOutcome {
    do {
      var command = try RootCommand.parseAsRoot(arguments)
      guard var verb = command as? any ReportingCommand else {
        try command.run()
        return ToolOutcome()
      }
      return await outcome(of: &verb, progress)
    } catch {
      return parserOutcome(error)
    }
  }

  private static func outcome(
    of verb: inout any ReportingCommand, _ progress: Progress
  ) async -> ToolOutcome {
    do throws(ToolError) {
      let text = try await verb.report(progress)
      progress.clear()
      let notes = verb.notes.map { "iommu: note: \($0)\n" }.joined()
      return ToolOutcome(output: text, errors: notes)
    } catch {
      progress.clear()
      let hint =
        error.exitCode == 64 ? " (see 'iommu \(type(of: verb).path) --help')" : ""
      var output = ""
      if case .failedCheck(let report, _) = error { output = report }
      if case .elsewhere(let report, let exitCode) = error {
        return ToolOutcome(exitCode: exitCode, output: report)
      }
      return ToolOutcome(
        exitCode: error.exitCode, output: output, errors: line(error.message + hint))
    }
  }

  /// Help goes to standard output; a mistake becomes one line and the parser's own hint.
  private static func parserOutcome(_ error: any Error) -> ToolOutcome {
    let full = RootCommand.fullMessage(for: error)
    let exitCode = RootCommand.exitCode(for: error)
    if exitCode.isSuccess {
      return ToolOutcome(output: full.hasSuffix("\n") || full.isEmpty ? full : full + "\n")
    }
    // The parser's hint is a line `  See 'iommu VERB --help' for more information.`
    let command = full.split(separator: "\n").last { $0.hasPrefix("  See '") }?.split(
      separator: "'")
    let hint = command.flatMap { $0.count > 1 ? " (see '\($0[1])')" : nil } ?? ""
    return ToolOutcome(
      exitCode: exitCode.rawValue, errors: line(RootCommand.message(for: error) + hint))
  }

  /// `message` as the tool's one line about an error.
  static func line(_ message: String) -> String {
    let words = message.split(whereSeparator: \.isNewline).map { $0.trimmingSpaces }
    return "iommu: error: " + words.joined(separator: " ") + "\n"
  }
}

extension Substring {
  /// The text without spaces at either end.
  fileprivate var trimmingSpaces: Substring {
    let head = drop { $0 == " " }
    return head.lastIndex { $0 != " " }.map { head[...$0] } ?? ""
  }
}
