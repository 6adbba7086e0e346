import MachineModel

extension MachineKey {
  /// Every key of a machine file; there are no others, and each must be there but for those in
  /// ``optional``.
  static let all: [MachineKey] = whole + refresh + processor + device + instructions

  /// Keys that may be left out, because files are older than they are; the description's own value
  /// stands then, with which a refresh costs what it did before there was the key.
  static let optional: Set<String> = ["pacing", "rpcit.tableScanned", "rpcit.absentTables"]

  /// Groups that may be left out as a whole.
  static let optionalGroups: Set<String> = ["instructions"]

  /// The names of groups of keys, such as `rpcit`.
  static let groups: [String] = {
    var groups: [String] = []
    for key in all {
      let parts = key.path.split(separator: ".")
      if parts.count > 1, !groups.contains(String(parts[0])) { groups.append(String(parts[0])) }
    }
    return groups
  }()

  private static let whole: [MachineKey] = [
    .text("name", "name", \.name),
    .word("pacing", "pacing", [Pacing.continuous, .rounds], \.pacing),
    .number("cpus", "cpus", .count, 1...256, \.cpus),
    .number("timerHertz", "timerHertz", .count, 1...1_000_000, \.timerHertz),
    .number("memory.bytes", "memoryBytes", .byteCount, mebibyte * 4...tebibyte * 2, \.memoryBytes),
    .number(
      "memory.tableBytes", "tableMemoryBytes", .byteCount, mebibyte...tebibyte * 2,
      \.tableMemoryBytes),
    .word(
      "memory.freedBuffers", "freedBuffers", [FreedBuffers.kept, .poisoned], \.freedBuffers),
    .number("aperture.first", "apertureFirst", .byteCount, 0...tebibyte * 4, \.apertureFirst),
    .number(
      "aperture.bytes", "apertureBytes", .byteCount, mebibyte...tebibyte * 4, \.apertureBytes),
    .word("translation.kind", "translation", [TranslationKind.shadowed, .direct], \.translation),
    .flag("translation.allowsIdentity", "allowsIdentity", \.allowsIdentity),
  ]

  private static let refresh: [MachineKey] = [
    .number("rpcit.trap", "refresh.trapNanoseconds", .time, 0...second, \.refresh.trapNanoseconds),
    .number(
      "rpcit.pageScanned", "refresh.pageScannedPicoseconds", .cost, 0...second * 1_000,
      \.refresh.pageScannedPicoseconds),
    .number(
      "rpcit.tableScanned", "refresh.tableScannedPicoseconds", .cost, 0...second * 1_000,
      \.refresh.tableScannedPicoseconds),
    .word(
      "rpcit.absentTables", "refresh.absentTables", [AbsentTableRule.scanned, .skipped],
      \.refresh.absentTables),
    .number(
      "rpcit.pageChanged", "refresh.pageChangedPicoseconds", .cost, 0...second * 1_000,
      \.refresh.pageChangedPicoseconds),
    .limit(
      "rpcit.maxPinnedPages", "refresh.pinnedPagesMax", .count, 1...UInt64(UInt32.max),
      \.refresh.pinnedPagesMax),
    .number(
      "rpcit.flush", "refresh.flushNanoseconds", .time, 0...second, \.refresh.flushNanoseconds),
    .number(
      "interrupt.latency", "interrupts.latencyNanoseconds", .time, 0...second,
      \.interrupts.latencyNanoseconds),
    .number(
      "interrupt.entry", "interrupts.entryNanoseconds", .time, 0...second,
      \.interrupts.entryNanoseconds),
  ]

  private static let processor: [MachineKey] = [
    .number(
      "cpu.control", "costs.controlNanoseconds", .time, 0...second, \.costs.controlNanoseconds),
    .number("cpu.load", "costs.loadNanoseconds", .time, 1...second, \.costs.loadNanoseconds),
    .number("cpu.store", "costs.storeNanoseconds", .time, 0...second, \.costs.storeNanoseconds),
    .number(
      "cpu.storeBlock", "costs.storeBlockNanoseconds", .time, 0...second,
      \.costs.storeBlockNanoseconds),
    .number(
      "cpu.sharedLoad", "costs.sharedLoadPicoseconds", .cost, 1...second * 1_000,
      \.costs.sharedLoadPicoseconds),
    .number(
      "cpu.clock", "costs.clockPicoseconds", .cost, 1...second * 1_000, \.costs.clockPicoseconds),
    .number(
      "cpu.copyByte", "costs.copyPicosecondsPerByte", .cost, 0...1_000_000,
      \.costs.copyPicosecondsPerByte),
    .number(
      "cpu.submit", "costs.submitPicoseconds", .cost, 0...second * 1_000,
      \.costs.submitPicoseconds),
    .number(
      "cpu.complete", "costs.completePicoseconds", .cost, 0...second * 1_000,
      \.costs.completePicoseconds),
    .number(
      "cpu.instruction", "costs.instructionPicoseconds", .cost, 0...second * 1_000,
      \.costs.instructionPicoseconds),
    .number(
      "cpu.treeStep", "costs.treeStepPicoseconds", .cost, 0...second * 1_000,
      \.costs.treeStepPicoseconds),
    .number(
      "cpu.queueEntry", "costs.queueEntryPicoseconds", .cost, 0...second * 1_000,
      \.costs.queueEntryPicoseconds),
    .number(
      "cpu.bitmapWord", "costs.bitmapWordPicoseconds", .cost, 0...second * 1_000,
      \.costs.bitmapWordPicoseconds),
    .number(
      "cpu.neighbourWord", "costs.neighbourWordPicoseconds", .cost, 0...second * 1_000,
      \.costs.neighbourWordPicoseconds),
    .number(
      "cpu.rangeBegun", "costs.rangeBegunPicoseconds", .cost, 0...second * 1_000,
      \.costs.rangeBegunPicoseconds),
  ]

  private static let device: [MachineKey] = [
    .number("nvme.fetch", "nvme.fetchNanoseconds", .time, 0...second, \.nvme.fetchNanoseconds),
    .number("nvme.read", "nvme.readNanoseconds", .time, 0...second, \.nvme.readNanoseconds),
    .number("nvme.write", "nvme.writeNanoseconds", .time, 0...second, \.nvme.writeNanoseconds),
    .number("nvme.flush", "nvme.flushNanoseconds", .time, 0...second, \.nvme.flushNanoseconds),
    .number("nvme.channels", "nvme.channels", .count, 1...65_536, \.nvme.channels),
    .number(
      "nvme.transferByte", "nvme.transferPicosecondsPerByte", .cost, 0...1_000_000,
      \.nvme.transferPicosecondsPerByte),
    .number("nvme.jitter", "nvme.jitterThousandths", .share, 0...1_000, \.nvme.jitterThousandths),
  ]

  /// What work costs in instructions, a key for each kind.
  private static let instructions: [MachineKey] = WorkKind.allCases.map { kind in
    .number(
      "instructions.\(kind.rawValue)", "instructions.\(kind.rawValue)", .instructions,
      0...1_000_000_000, \.instructions[kind])
  }

  private static let mebibyte: UInt64 = 1 << 20
  private static let tebibyte: UInt64 = 1 << 40

  /// 1 s in nanoseconds: no single cost is longer.
  private static let second: UInt64 = 1_000_000_000
}
