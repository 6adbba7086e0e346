import Testing

@testable import IOMMUTool

@Suite struct MachineFileErrorTests {
  @Test(
    "A mistake is reported at its own line and column",
    arguments: [
      ("  latency: 4us", "", 27, 11, "expected the keys of 'interrupt', found nothing"),
      ("cpus: 2", "cpuz: 2", 3, 1, "unknown key 'cpuz'; did you mean 'cpus'?"),
      ("  trap:", "  trp:", 14, 3, "unknown key 'rpcit.trp'; did you mean 'rpcit.trap'?"),
      ("cpus: 2", "cpus: two", 3, 7, "cpus: expected a whole number, found 'two'"),
      ("cpus: 2", "cpus: 0", 3, 7, "cpus: expected 1 to 1024, found '0'"),
      ("cpus: 2", "cpus: [2]", 3, 7, "expected one value for 'cpus', found a list"),
      ("cpus: 2", "cpus: {a: 2}", 3, 7, "expected one value for 'cpus', found a group of keys"),
      (
        "cpus: 2", "cpus: \"2x\"", 3, 9,
        "cpus: expected a whole number, found 'x' behind the digits"
      ),
      ("13us", "13", 14, 11, "rpcit.trap: expected a unit behind the number: ps, ns, us, ms or s"),
      ("13us", "13min", 14, 11, "rpcit.trap: unknown unit 'min'; expected ps, ns, us, ms or s"),
      ("13us", "-13us", 14, 9, "rpcit.trap: expected a time such as 13us or 0.4ns, found '-13us'"),
      ("13us", "13s", 14, 9, "rpcit.trap: expected 0ps to 1s, found '13s'"),
      (
        "256MiB", "256MB", 9, 13,
        "aperture.bytes: unknown unit 'MB'; expected B, KiB, MiB, GiB or TiB"
      ),
      ("256MiB", "1025.5KiB", 9, 10, "aperture.bytes: expected whole pages of 4KiB"),
      (
        "shadowed: true", "shadowed: yes", 11, 13,
        "translation.shadowed: expected true or false, found 'yes'"
      ),
      ("jitter: 12.5%", "jitter: 150%", 25, 11, "nvme.jitter: expected 0 to 100%, found '150%'"),
      ("cpus: 2", "cpus: 2\ncpus: 3", 3, 1, "the key 'cpus' is given twice"),
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

  @Test("An aperture that passes the top of the address space is refused")
  func apertureAtTheTop() {
    let text = MachineFileTests.edited("first: 4GiB", "first: 16777215.9998TiB")
    #expect(throws: MachineFileError.self) { try MachineFileReader.read(text) }
    let top = MachineFileTests.edited("first: 4GiB", "first: 18446744073709547520B")
    #expect(
      throws: MachineFileError(
        line: 9, column: 10, "aperture.bytes: passes the top of the address space")
    ) { try MachineFileReader.read(top) }
  }

  @Test("The first byte that is not UTF-8 is found in its line")
  func notUTF8() {
    let bytes: [UInt8] = Array("name: a\nab".utf8) + [0xff, 0x0a]
    #expect(InputFile.firstInvalidUTF8(bytes) == (2, 3))
  }
}
