import MachineModel

/// The machines that the tool knows: those shipped inside it, and any file that a user names.
enum MachineCatalog {
  /// The names of the machines shipped, in the order of the documentation.
  static let names = ["zvm", "lpar", "virtio", "vtd-shadow", "qemu"]

  /// Those of them on which times mean something.
  static let timedNames = names.filter { $0 != "qemu" }

  /// Reads the machine that `text` names, or the file at that path.
  ///
  /// A text with a slash or with `.yaml` at its end is a path; so is that of a file that exists.
  static func machine(_ text: String) throws(ToolError) -> MachineDescription {
    try machineAndFile(text).machine
  }

  /// Reads the machine that `text` names, for a verb that is about times.
  ///
  /// Throws: `usage` for one that works in rounds, whose times mean nothing.
  static func timedMachine(_ text: String) throws(ToolError) -> MachineDescription {
    let machine = try machine(text)
    if machine.pacing == .rounds {
      throw .usage("machine '\(text)' works in rounds and has no times; only compare counts there")
    }
    return machine
  }

  /// Reads the machine that `text` names, as ``machine(_:)``, and gives the file's text with it.
  static func machineAndFile(
    _ text: String
  ) throws(ToolError) -> (machine: MachineDescription, file: String) {
    if let bytes = shipped(text) {
      return try read(bytes, path: text + ".yaml")
    }
    let isPath = text.contains("/") || text.hasSuffix(".yaml") || text.hasSuffix(".yml")
    if !isPath, !InputFile.exists(text) {
      let hint = NearestName.hint(for: text, among: names)
      throw .usage("unknown machine '\(text)'; \(hint) A file's name ends in .yaml.")
    }
    return try read(InputFile.bytes(of: text, atMost: 1 << 20), path: text)
  }

  private static func read(
    _ bytes: [UInt8], path: String
  ) throws(ToolError) -> (machine: MachineDescription, file: String) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      let (line, column) = InputFile.firstInvalidUTF8(bytes)
      throw .malformed(path: path, line: line, column: column, "not UTF-8")
    }
    do throws(MachineFileError) {
      return (try MachineFileReader.read(text), text)
    } catch {
      throw .malformed(path: path, line: error.line, column: error.column, error.message)
    }
  }

  private static func shipped(_ name: String) -> [UInt8]? {
    switch name {
    case "zvm": PackageResources.zvm_yaml
    case "lpar": PackageResources.lpar_yaml
    case "virtio": PackageResources.virtio_yaml
    case "vtd-shadow": PackageResources.vtd_shadow_yaml
    case "qemu": PackageResources.qemu_yaml
    default: nil
    }
  }
}
