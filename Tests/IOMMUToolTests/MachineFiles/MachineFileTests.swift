import MachineModel
import Testing

@testable import IOMMUTool

@Suite struct MachineFileTests {
  /// A complete file, so that a test changes just the line that it is about.
  static let complete = """
    name: test
    cpus: 2
    timerHertz: 100
    memory:
      bytes: 1GiB
      tableBytes: 64MiB
      freedBuffers: poisoned
    aperture:
      first: 4GiB
      bytes: 256MiB
    translation:
      kind: direct
      allowsIdentity: true
    rpcit:
      trap: 13us
      pageScanned: 122ns
      tableScanned: 1.5ns
      absentTables: skipped
      pageChanged: 0.5ns
      maxPinnedPages: unlimited
      flush: 501ns
    interrupt:
      latency: 3us
      entry: 502ns
    cpu:
      control: 5us
      load: 1us
      store: 200ns
      storeBlock: 300ns
      sharedLoad: 5ns
      clock: 20ns
      copyByte: 0.1ns
      submit: 201ns
      complete: 101ns
      instruction: 0.3ns
      treeStep: 6ns
      queueEntry: 22ns
      bitmapWord: 0.6ns
      neighbourWord: 24.5ns
      rangeBegun: 301ns
    nvme:
      fetch: 503ns
      read: 61us
      write: 16us
      flush: 21us
      channels: 65
      jitter: 12.5%
      transferByte: 0.15ns

    """

  @Test("The shipped machines read without error and are named as they are asked for")
  func shippedMachines() throws {
    for name in MachineCatalog.names {
      let machine = try MachineCatalog.machine(name)
      #expect(machine.name == name)
      #expect(machine.translation == (name == "lpar" ? .direct : .shadowed))
    }
  }

  @Test("What work costs is all there or not at all")
  func instructions() throws {
    #expect(
      try MachineFileReader.read(Self.complete).instructions == WorkTable(repeating: 0))
    let keys = WorkKind.allCases.enumerated().map { "  \($1.rawValue): \($0).5\n" }
    let machine = try MachineFileReader.read(
      Self.complete + "pacing: rounds\ninstructions:\n" + keys.joined())
    #expect(machine.pacing == .rounds && machine.instructions[.round] == 500)
    #expect(machine.instructions[.ageCheck] == UInt64(WorkKind.allCases.count - 1) * 1_000 + 500)
    #expect(
      throws: MachineFileError(
        line: 49, column: 1, "the key 'instructions.ageCheck' is missing")
    ) {
      try MachineFileReader.read(Self.complete + "instructions:\n" + keys.dropLast().joined())
    }
  }

  @Test("Every key reaches its field in the unit that the field names")
  func allFields() throws {
    let file = try MachineFileReader.read(Self.complete)
    var expected = MachineDescription(name: "test")
    expected.cpus = 2
    expected.memoryBytes = 1 << 30
    expected.tableMemoryBytes = 64 << 20
    expected.apertureFirst = 4 << 30
    expected.apertureBytes = 256 << 20
    expected.translation = .direct
    expected.allowsIdentity = true
    expected.timerHertz = 100
    expected.freedBuffers = .poisoned
    expected.refresh.trapNanoseconds = 13_000
    expected.refresh.pageScannedPicoseconds = 122_000
    expected.refresh.tableScannedPicoseconds = 1_500
    expected.refresh.absentTables = .skipped
    expected.refresh.pageChangedPicoseconds = 500
    expected.refresh.pinnedPagesMax = nil
    expected.refresh.flushNanoseconds = 501
    expected.interrupts.latencyNanoseconds = 3_000
    expected.interrupts.entryNanoseconds = 502
    expected.costs.controlNanoseconds = 5_000
    expected.costs.loadNanoseconds = 1_000
    expected.costs.storeNanoseconds = 200
    expected.costs.storeBlockNanoseconds = 300
    expected.costs.sharedLoadPicoseconds = 5_000
    expected.costs.clockPicoseconds = 20_000
    expected.costs.copyPicosecondsPerByte = 100
    expected.costs.submitPicoseconds = 201_000
    expected.costs.completePicoseconds = 101_000
    expected.costs.instructionPicoseconds = 300
    expected.costs.treeStepPicoseconds = 6_000
    expected.costs.queueEntryPicoseconds = 22_000
    expected.costs.bitmapWordPicoseconds = 600
    expected.costs.neighbourWordPicoseconds = 24_500
    expected.costs.rangeBegunPicoseconds = 301_000
    expected.nvme.fetchNanoseconds = 503
    expected.nvme.readNanoseconds = 61_000
    expected.nvme.writeNanoseconds = 16_000
    expected.nvme.flushNanoseconds = 21_000
    expected.nvme.channels = 65
    expected.nvme.transferPicosecondsPerByte = 150
    expected.nvme.jitterThousandths = 125
    #expect(file == expected)
  }

  @Test("A limit is a number or the word unlimited")
  func limits() throws {
    let limited = try MachineFileReader.read(Self.edited("unlimited", "65535"))
    #expect(limited.refresh.pinnedPagesMax == 65_535)
    #expect(try MachineFileReader.read(Self.complete).refresh.pinnedPagesMax == nil)
  }

  @Test("A file without one of the keys is refused, and the key is named, but for those of later")
  func everyKeyIsNeeded() {
    let whole =
      Self.complete + "pacing: rounds\ninstructions:\n"
      + WorkKind.allCases.map { "  \($0.rawValue): 7\n" }.joined()
    for key in MachineKey.all {
      let name = key.path.split(separator: ".").last ?? ""
      let inGroup = key.path.contains(".")
      let lines = whole.split(separator: "\n", omittingEmptySubsequences: false)
      let group = key.path.split(separator: ".")[0]
      var current: Substring = ""
      let kept = lines.filter { line in
        if !line.hasPrefix(" ") { current = line.prefix { $0 != ":" } }
        let isKey = line.drop { $0 == " " }.hasPrefix("\(name):")
        return !(isKey && (inGroup ? current == group && line.hasPrefix(" ") : current == name))
      }
      #expect(kept.count == lines.count - 1, "\(key.path)")
      do throws(MachineFileError) {
        let machine = try MachineFileReader.read(kept.joined(separator: "\n"))
        #expect(MachineKey.optional.contains(key.path), "\(key.path) was not missed")
        let plain = RefreshCosts()
        #expect(
          machine.refresh.tableScannedPicoseconds == plain.tableScannedPicoseconds
            || machine.refresh.absentTables == plain.absentTables
            || machine.pacing == .continuous)
      } catch {
        #expect(!MachineKey.optional.contains(key.path))
        #expect(error.message.contains("'\(group)") || error.message.contains("'\(key.path)'"))
      }
    }
  }

  /// The complete file with its first `old` replaced.
  static func edited(_ old: String, _ new: String) -> String {
    guard let range = complete.firstRange(of: old) else { return "" }
    return complete.replacingCharacters(in: range, with: new)
  }
}

extension String {
  fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
    String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
  }
}
