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

  /// Boots the image with `commandLine`; its console's lines and exit code.
  ///
  /// Each of the disks is behind a function of its own. `line` sees the lines as they come.
  ///
  /// Throws: `unavailable` where QEMU cannot be started.
  func boot(
    _ commandLine: String, disks: [FilePath], processors: Int = 1, limit: Duration? = nil,
    line: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws(ToolError) -> (code: Int32, lines: [String]) {
    var arguments = machine(commandLine, processors: processors)
    arguments += ["-serial", "stdio", "-monitor", "none"]
    for (index, disk) in disks.enumerated() {
      arguments += ["-blockdev", Self.node("n\(index)", disk)]
      arguments += Self.function(index)
    }
    return try await Programs.stream(.name(Self.program), arguments, limit: limit, line)
  }

  /// The machine itself.
  func machine(_ commandLine: String, processors: Int = 1) -> [String] {
    [
      "-M", "s390-ccw-virtio", "-accel", "tcg", "-smp", "\(processors)",
      // The buffers of each processor take up to 400 MiB.
      "-m", "\(512 + 512 * processors)",
      "-nographic", "-no-reboot", "-nodefaults", "-action", "panic=exit-failure",
      "-kernel", image.string, "-append", commandLine,
    ] + (countsInstructions ? ["-icount", "shift=1,sleep=off"] : [])
  }

  /// Function number `index`, counted from 0, on the node of that number.
  static func function(_ index: Int) -> [String] {
    [
      "-device", "zpci,uid=\(index + 1),fid=\(index + 1),target=nv\(index)",
      "-device", "nvme,serial=\(index),drive=n\(index),id=nv\(index)",
    ]
  }

  /// A block node on a file; a comma in its name is doubled, as QEMU has it.
  static func node(_ name: String, _ file: FilePath) -> String {
    "driver=raw,node-name=\(name),cache.no-flush=on,file.driver=file,file.locking=off,"
      + "file.filename=\(file.string.replacing(",", with: ",,"))"
  }
}
