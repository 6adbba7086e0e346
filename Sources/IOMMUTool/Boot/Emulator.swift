import Subprocess
import SystemPackage

/// QEMU as a machine of IBM Z with one NVMe function.
struct Emulator: Sendable {
  /// The program, and the first version of it whose NVMe function works on this machine.
  static let program = "qemu-system-s390x", versionNeeded = 8

  /// The image to boot.
  let image: FilePath

  /// Whether instructions take the same time in each run, by QEMU's instruction counting.
  let countsInstructions: Bool

  /// Checks that QEMU is there and new enough.
  ///
  /// Throws: `unavailable` with what to install.
  static func check() async throws(ToolError) {
    let install = "install it (Scripts/setup does on Debian)"
    let result: (code: Int32, output: String)
    do {
      result = try await Programs.run(.name(program), ["--version"], in: nil, collecting: true)
    } catch {
      throw .unavailable("there is no \(program), version \(versionNeeded) or later; \(install)")
    }
    // "QEMU emulator version 10.0.2 (…)"
    let words = result.output.split(separator: " ")
    let number = words.firstIndex(of: "version").flatMap { index in
      index + 1 < words.count ? Int(words[index + 1].prefix { $0.isNumber }) : nil
    }
    guard let number, number >= versionNeeded else {
      throw .unavailable(
        "\(program) is version \(number.map { "\($0)" } ?? "unknown"); it has an NVMe device on "
          + "this machine from \(versionNeeded) on; \(install)")
    }
  }

  /// Boots the image with `commandLine`; its console's output and exit code.
  ///
  /// Throws: `unavailable` where QEMU cannot be started.
  func boot(
    _ commandLine: String, disk: FilePath, processors: Int = 1
  ) async throws(ToolError) -> (code: Int32, output: String) {
    var arguments = [
      "-M", "s390-ccw-virtio", "-accel", "tcg", "-smp", "\(processors)",
      // The buffers of each processor take up to 400 MiB.
      "-m", "\(512 + 512 * processors)",
      "-nographic", "-no-reboot", "-nodefaults", "-serial", "stdio", "-monitor", "none",
      "-action", "panic=exit-failure", "-kernel", image.string, "-append", commandLine,
      "-drive", "file=\(disk.string),if=none,id=n,format=raw,cache=unsafe",
      "-device", "zpci,uid=1,fid=1,target=nv", "-device", "nvme,serial=x,drive=n,id=nv",
    ]
    if countsInstructions { arguments += ["-icount", "shift=1,sleep=off"] }
    return try await Programs.run(
      .name(Self.program), arguments, in: nil, collecting: true)
  }
}
