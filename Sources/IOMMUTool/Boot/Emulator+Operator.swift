import Subprocess
import SystemPackage

/// A machine with an operator, who pulls a card and puts it in again when the image asks for it.
///
/// Source: QEMU's machine protocol, docs/interop/qmp-spec.rst; the commands `device_del` and
/// `device_add`, qapi/qdev.json.
extension Emulator {
  /// Boots the image as ``boot`` does; its lines `ready unplug` and `ready replug` are what the
  /// operator waits for.
  ///
  /// The card that is put in has a node of its own on the same file: a device that was pulled in
  /// the middle of its work may keep its node. Whatever the operator is refused comes last.
  func bootOperated(
    _ commandLine: String, disk: FilePath, limit: Duration
  ) async throws(ToolError) -> (code: Int32, lines: [String]) {
    // The console is on standard error, as standard input and output are the operator's.
    let arguments =
      machine(commandLine) + [
        "-chardev", "file,id=console,path=/dev/fd/2", "-serial", "chardev:console",
        "-qmp", "stdio",
        "-blockdev", Self.node("n0", disk), "-blockdev", Self.node("again", disk),
      ] + Self.function(0)
    let (code, lines, replies) = try await Programs.converse(
      .name(Self.program), arguments,
      greeting: #"{"execute": "qmp_capabilities"}"# + "\n", limit: limit
    ) { line in
      switch line {
      case "ready unplug": Self.unplug
      case "ready replug": Self.replug
      default: nil
      }
    }
    return (code, lines + replies.filter { $0.contains(#""error""#) })
  }

  private static let unplug =
    #"{"execute": "device_del", "arguments": {"id": "nv0"}}"# + "\n"

  private static let replug =
    #"{"execute": "device_add", "arguments": {"driver": "zpci", "uid": 1, "fid": 1, "#
    + #""target": "new"}}"# + "\n"
    + #"{"execute": "device_add", "arguments": {"driver": "nvme", "serial": "0", "#
    + #""drive": "again", "id": "new"}}"# + "\n"
}
