import ArgumentParser
import SystemPackage

/// The process around the tool: its arguments, its two streams and its exit code.
@main
struct IOMMUTool {
  static func main() async {
    let arguments = Array(CommandLine.arguments.dropFirst())
    var outcome = await ToolRun.outcome(of: arguments, progress: .standardError)
    do {
      _ = try FileDescriptor.standardOutput.writeAll(outcome.output.utf8)
    } catch {
      // 74 is EX_IOERR of sysexits.h.
      outcome = ToolOutcome(exitCode: 74, errors: ToolRun.line("cannot write the result: \(error)"))
    }
    // Where standard error cannot be written either, the exit code still tells.
    do { _ = try FileDescriptor.standardError.writeAll(outcome.errors.utf8) } catch {}
    RootCommand.exit(withError: ExitCode(outcome.exitCode))
  }
}
