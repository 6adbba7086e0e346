import Testing

@testable import IOMMUTool

@Suite struct MachineFileTests {
  /// A complete file, so that a test changes just the line that it is about.
  static let complete = """
    name: test
    description: a test's machine
    cpus: 2
    timerHertz: 100
    memory:
      bytes: 1GiB
    aperture:
      first: 4GiB
      bytes: 256MiB
    translation:
      shadowed: true
      refreshRequired: false
    rpcit:
      trap: 13us
      pageScanned: 122ns
      pageChanged: 0.5ns
      serialized: true
      maxPinnedPages: unlimited
    cpu:
      perIO: 300ns
      treeStep: 20ns
      instruction: 0.3ns
    nvme:
      readLatency: 80us
      jitter: 12.5%
      parallelism: 64
    interrupt:
      latency: 4us

    """

  @Test("The shipped machines read without error and are named as they are asked for")
  func shippedMachines() throws {
    for name in MachineCatalog.names {
      let machine = try MachineCatalog.machine(name)
      #expect(machine.name == name)
      #expect(machine.isShadowed == machine.isRefreshRequired)
    }
  }

  @Test("Every key reaches its field in the unit that the field names")
  func allFields() throws {
    let file = try MachineFileReader.read(Self.complete)
    var expected = MachineFile()
    expected.name = "test"
    expected.description = "a test's machine"
    expected.cpus = 2
    expected.timerHertz = 100
    expected.memoryBytes = 1 << 30
    expected.apertureFirst = 4 << 30
    expected.apertureBytes = 256 << 20
    expected.isShadowed = true
    expected.rpcitTrapPicoseconds = 13_000_000
    expected.rpcitPageScannedPicoseconds = 122_000
    expected.rpcitPageChangedPicoseconds = 500
    expected.isRPCITSerialized = true
    expected.cpuPerIOPicoseconds = 300_000
    expected.cpuTreeStepPicoseconds = 20_000
    expected.cpuInstructionPicoseconds = 300
    expected.nvmeReadLatencyPicoseconds = 80_000_000
    expected.nvmeJitterPerMille = 125
    expected.nvmeParallelism = 64
    expected.interruptLatencyPicoseconds = 4_000_000
    #expect(file == expected)
  }

  @Test("A limit is a number or the word unlimited")
  func limits() throws {
    let limited = try MachineFileReader.read(Self.edited("unlimited", "65535"))
    #expect(limited.rpcitMaxPinnedPages == 65_535)
    #expect(try MachineFileReader.read(Self.complete).rpcitMaxPinnedPages == nil)
  }

  @Test("A file without one of the keys is refused, and the key is named")
  func everyKeyIsNeeded() {
    for key in MachineKey.all {
      let name = key.path.split(separator: ".").last ?? ""
      let inGroup = key.path.contains(".")
      let lines = Self.complete.split(separator: "\n", omittingEmptySubsequences: false)
      let group = key.path.split(separator: ".")[0]
      var current: Substring = ""
      let kept = lines.filter { line in
        if !line.hasPrefix(" ") { current = line.prefix { $0 != ":" } }
        let isKey = line.drop { $0 == " " }.hasPrefix("\(name):")
        return !(isKey && (inGroup ? current == group && line.hasPrefix(" ") : current == name))
      }
      #expect(kept.count == lines.count - 1, "\(key.path)")
      do throws(MachineFileError) {
        _ = try MachineFileReader.read(kept.joined(separator: "\n"))
        Issue.record("\(key.path) was not missed")
      } catch {
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
