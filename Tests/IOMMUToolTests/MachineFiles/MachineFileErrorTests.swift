import MachineModel
import Testing

@testable import IOMMUTool

@Suite struct MachineFileErrorTests {
  @Test(
    "A mistake is reported at its own line and column",
    arguments: [
      (
        "  latency: 3us\n  entry: 502ns\n", "", 22, 11,
        "expected the keys of 'interrupt', found nothing"
      ),
      ("cpus: 2", "cpuz: 2", 2, 1, "unknown key 'cpuz'; did you mean 'cpus'?"),
      ("  trap:", "  trp:", 15, 3, "unknown key 'rpcit.trp'; did you mean 'rpcit.trap'?"),
      ("cpus: 2", "cpus: two", 2, 7, "cpus: expected a whole number, found 'two'"),
      ("cpus: 2", "cpus: 0", 2, 7, "cpus: expected 1 to 256, found '0'"),
      ("cpus: 2", "cpus:", 2, 6, "cpus: expected a whole number, found nothing"),
      ("cpus: 2", "cpus: [2]", 2, 7, "expected one value for 'cpus', found a list"),
      ("cpus: 2", "cpus: {a: 2}", 2, 7, "expected one value for 'cpus', found a group of keys"),
      ("cpus: 2", "cpus: '2x'", 2, 9, "cpus: expected a whole number, found 'x' behind the digits"),
      ("13us", "13", 15, 11, "rpcit.trap: expected a unit behind the number: ns, us, ms or s"),
      ("13us", "13min", 15, 11, "rpcit.trap: unknown unit 'min'; expected ns, us, ms or s"),
      ("13us", "-13us", 15, 9, "rpcit.trap: expected a time such as 10ms, found '-13us'"),
      ("13us", "13s", 15, 9, "rpcit.trap: expected 0ns to 1s, found '13s'"),
      ("1GiB", "1GB", 5, 11, "memory.bytes: unknown unit 'GB'; expected B, KiB, MiB, GiB or TiB"),
      ("poisoned", "gone", 7, 17, "memory.freedBuffers: expected kept or poisoned, found 'gone'"),
      (
        "ty: true", "ty: yes", 13, 19,
        "translation.allowsIdentity: expected true or false, found 'yes'"
      ),
      ("12.5%", "150%", 47, 11, "nvme.jitter: expected 0 to 100%, found '150%'"),
      ("cpus: 2", "cpus: 2\ncpus: 3", 2, 1, "the key 'cpus' is given twice"),
      ("name: test", "name: *a", 1, 7, "not YAML: found undefined alias"),
      ("name: test", "? [a]\n: b", 1, 3, "expected a key, found a list"),
    ])
  func mistakes(old: String, new: String, line: Int, column: Int, message: String) {
    #expect(throws: MachineFileError(line: line, column: column, message)) {
      try MachineFileReader.read(MachineFileTests.edited(old, new))
    }
  }

  @Test("Text that is not YAML is reported where it stops being YAML")
  func malformed() {
    #expect(
      throws: MachineFileError(
        line: 2, column: 1, "not YAML: found a tab character that violates indentation")
    ) { try MachineFileReader.read("name: a\n\tcpus: 2\n") }
    #expect(
      throws: MachineFileError(line: 1, column: 1, "expected a machine's keys, found nothing")
    ) {
      try MachineFileReader.read("")
    }
    #expect(throws: MachineFileError(line: 1, column: 1, "expected a machine's keys, found a list"))
    {
      try MachineFileReader.read("- a\n")
    }
    #expect(throws: MachineFileError(line: 1, column: 1, "the key 'name' is missing")) {
      try MachineFileReader.read("cpus: 2\n")
    }
  }

  @Test("Sizes that do not fit together are reported at the one that is out of place")
  func sizesThatDoNotFit() {
    let tables = MachineFileTests.edited("64MiB", "2GiB")
    #expect(
      throws: MachineFileError(
        line: 6, column: 15,
        "memory.tableBytes: 2147483648 is out of place; expected 1048576 to 1071644672")
    ) { try MachineFileReader.read(tables) }
    let aperture = MachineFileTests.edited("256MiB", "4TiB")
    #expect(
      throws: MachineFileError(
        line: 10, column: 10,
        "aperture.bytes: 4398046511104 is out of place; expected 1048576 to 4393751543808")
    ) { try MachineFileReader.read(aperture) }
  }

  @Test("The first byte that is not UTF-8 is found in its line")
  func notUTF8() {
    let bytes: [UInt8] = Array("name: a\nab".utf8) + [0xff, 0x0a]
    #expect(InputFile.firstInvalidUTF8(bytes) == (2, 3))
  }
}
