extension MachineKey {
  /// Every key of a machine file; each must be there, and there are no others.
  static let all: [MachineKey] = [
    .text("name", \.name),
    .text("description", \.description),

    .number("cpus", .count, 1...1_024, \.cpus),
    .number("timerHertz", .count, 1...100_000, \.timerHertz),
    .number("memory.bytes", .byteCount, mebibyte...(1 << 44), \.memoryBytes),

    .number("aperture.first", .byteCount, 0...(.max), \.apertureFirst),
    .number("aperture.bytes", .byteCount, mebibyte...(1 << 44), \.apertureBytes),

    .flag("translation.shadowed", \.isShadowed),
    .flag("translation.refreshRequired", \.isRefreshRequired),

    .number("rpcit.trap", .cost, 0...second, \.rpcitTrapPicoseconds),
    .number("rpcit.pageScanned", .cost, 0...second, \.rpcitPageScannedPicoseconds),
    .number("rpcit.pageChanged", .cost, 0...second, \.rpcitPageChangedPicoseconds),
    .flag("rpcit.serialized", \.isRPCITSerialized),
    .limit("rpcit.maxPinnedPages", .count, 1...(1 << 32), \.rpcitMaxPinnedPages),

    .number("cpu.perIO", .cost, 0...second, \.cpuPerIOPicoseconds),
    .number("cpu.treeStep", .cost, 0...second, \.cpuTreeStepPicoseconds),
    .number("cpu.instruction", .cost, 1...second, \.cpuInstructionPicoseconds),

    .number("nvme.readLatency", .cost, 1...second, \.nvmeReadLatencyPicoseconds),
    .number("nvme.jitter", .share, 0...1_000, \.nvmeJitterPerMille),
    .number("nvme.parallelism", .count, 1...65_536, \.nvmeParallelism),

    .number("interrupt.latency", .cost, 0...second, \.interruptLatencyPicoseconds),
  ]

  /// The names of groups of keys, such as `rpcit`.
  static let groups: [String] = {
    var groups: [String] = []
    for key in all {
      let parts = key.path.split(separator: ".")
      if parts.count > 1, !groups.contains(String(parts[0])) { groups.append(String(parts[0])) }
    }
    return groups
  }()

  /// 1 MiB, in bytes.
  private static let mebibyte: UInt64 = 1 << 20

  /// 1 s in picoseconds: no single cost is longer.
  private static let second: UInt64 = 1_000_000_000_000
}
