import SystemPackage
import Testing

@testable import IOMMUTool

@Suite("What an image says of checks") struct BootCheckTests {
  private static let check = BootCheck.all[0]

  private func outcome(_ lines: [String], code: Int32 = 0) -> BootCheckOutcome {
    BootCheckOutcome(check: Self.check, code: code, lines: lines, image: "none")
  }

  @Test("A case has its figures in their order, and those that are not right")
  func figures() throws {
    let one = try #require(BootCase(line: "seen rollover,age=1ms done=3 wrong-blocks=8!0 holds=0"))
    #expect(one.name == "rollover,age=1ms" && !one.holds)
    #expect(one.figures.map(\.name) == ["done", "wrong-blocks"])
    #expect(one.figures.map(\.number) == [3, 8] && one.figures.map(\.expected) == [nil, 0])
  }

  @Test(
    "Another line is no case",
    arguments: ["", "row a=1", "seen strict a=1", "seen strict a=x holds=1", "seen b a holds=1"])
  func otherLines(_ line: String) {
    #expect(BootCase(line: line) == nil)
  }

  @Test("A check holds where all cases do and the machine ended well, and only then")
  func complaints() {
    let good = "seen strict a=1 holds=1"
    #expect(outcome(["noise", good]).complaint == nil)
    #expect(outcome([good, "seen b a=1!2 holds=0"]).complaint == "b: a is 1, expected 2")
    #expect(outcome([good, "FAILED: no memory"], code: 1).complaint == "no memory")
    #expect(outcome([good], code: 1).complaint == "the machine ended with code 1")
    #expect(outcome([good], code: 137).complaint == "the machine did not end")
    #expect(outcome(["noise"]).complaint == "the machine saw nothing")
  }

  @Test("Names are those that there are, each once, and all for none")
  func names() throws {
    #expect(try BootCheck.named([]) == BootCheck.all)
    #expect(try BootCheck.named(["unplug", "recovery"]).map(\.number) == [3, 2])
    #expect(throws: ToolError.usage("unknown check 'unplugg'; did you mean 'unplug'?")) {
      try BootCheck.named(["unplugg"])
    }
    #expect(throws: ToolError.usage("check 'unplug' is named twice")) {
      try BootCheck.named(["unplug", "unplug"])
    }
    #expect(Set(BootCheck.all.map(\.number)).count == BootCheck.all.count)
  }

  @Test("A figure's key is its word, without dashes")
  func keys() {
    #expect(BootCheckReport.camelCased("rpcits-as-counted") == "rpcitsAsCounted")
    #expect(BootCheckReport.camelCased("done") == "done")
  }

  @Test("Progress is told in per cent", arguments: [("progress done=3 of=12", 25), ("row", nil)])
  func progress(_ line: String, _ percent: UInt64?) {
    #expect(BootProgress.percent(line) == percent)
  }

  @Test("An address is named by the function it is in, and not by data or what lies outside")
  func addresses() {
    let names = TrapNames(
      """
      0000000000010000 T _start
      0000000000010100 t work
      0000000000010200 D table
      0000000000020000 A imageEnd
      """)
    #expect(names.place(of: 0xffff) == nil)
    #expect(names.place(of: 0x10000)?.name == "_start")
    #expect(names.place(of: 0x101ff)?.name == "work" && names.place(of: 0x101ff)?.offset == 255)
    #expect(names.place(of: 0x10200) == nil && names.place(of: 0x20001) == nil)
    let dump = ["  r0 0000000000010102  r1 0000000000010102", "  r2 00000000000102ff  r3 12"]
    #expect(names.lines(for: dump) == ["  0000000000010102 is work + 2"])
  }
}
