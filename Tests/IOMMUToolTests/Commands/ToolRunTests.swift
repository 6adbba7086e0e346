import Testing

@testable import IOMMUTool

@Suite struct ToolRunTests {
  @Test(
    "Help goes to standard output and is no error",
    arguments: [
      ["--help"], ["help"], ["help", "compare"], ["compare", "--help"], ["replay", "-h"],
      ["--version"], [],
    ])
  func help(arguments: [String]) async {
    let outcome = await ToolRun.outcome(of: arguments)
    #expect(outcome.exitCode == 0)
    #expect(outcome.errors == "")
    #expect(outcome.output.hasSuffix("\n"))
  }

  @Test("The tool's help names exactly the verbs that exist")
  func verbs() async {
    let lines = await ToolRun.outcome(of: ["--help"]).output.split(separator: "\n")
    let list = lines.drop { $0 != "SUBCOMMANDS:" }.dropFirst().prefix { $0.hasPrefix("  ") }
    let names = list.filter { !$0.hasPrefix("   ") && !$0.contains("See") }
      .map { $0.split(separator: " ")[0] }
    let verbs = [
      "compare", "replay", "tune", "calibrate", "crossover", "explore", "scale", "fuzz",
      "boot", "versus-linux", "trace",
    ]
    #expect(names == verbs.map { Substring($0) })
  }

  @Test(
    "A mistake on the command line is one line and a hint, and exits 64",
    arguments: [
      (["compare", "--seed", "x"], "compare"), (["compare", "--sed", "1"], "compare"),
      (["compare", "--format", "xml"], "compare"), (["replay"], "replay"),
      (["compare", "extra"], "compare"), (["compare", "--policy", "strct"], "compare"),
      (["compare", "--machine", "zvn"], "compare"), (["compare", "--workload", "x"], "compare"),
      (["replay", "t.txt", "--policy", "queue:0,1ms"], "replay"),
    ])
  func usage(arguments: [String], verb: String) async {
    let outcome = await ToolRun.outcome(of: arguments)
    let lines = outcome.errors.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(outcome.exitCode == 64)
    #expect(outcome.output == "")
    #expect(lines.count == 2 && lines.last == "")
    #expect(lines.first?.hasPrefix("iommu: error: ") == true)
    #expect(lines.first?.hasSuffix("(see 'iommu \(verb) --help')") == true)
  }

  @Test("A name that is nearly right is answered with the right one")
  func suggestions() async {
    let policy = await ToolRun.outcome(of: ["compare", "--policy", "strict", "queeu:256,10ms"])
    #expect(
      policy.errors.hasPrefix(
        "iommu: error: policy 'queeu:256,10ms', column 1: unknown policy 'queeu'; "
          + "did you mean 'queue'? (see"))
    let machine = await ToolRun.outcome(of: ["compare", "--machine", "zmv"])
    #expect(machine.errors.hasPrefix("iommu: error: unknown machine 'zmv'; did you mean 'zvm'?"))
  }

  @Test(
    "A file that is not there exits 66 and is named",
    arguments: [
      ["replay", "no/such/trace"], ["compare", "--workload", "no/such/trace"],
      ["compare", "--machine", "no-such.yaml"],
    ])
  func missing(arguments: [String]) async {
    let outcome = await ToolRun.outcome(of: arguments)
    let path = arguments.last ?? ""
    #expect(outcome.exitCode == 66)
    #expect(outcome.errors == "iommu: error: \(path): No such file or directory\n")
    #expect(outcome.output == "")
  }

  @Test("A folder in place of a file exits 66")
  func folder() async {
    let outcome = await ToolRun.outcome(of: ["replay", "/"])
    #expect(outcome.exitCode == 66)
    #expect(outcome.errors == "iommu: error: /: Is a directory\n")
  }

  @Test("A file with wrong content exits 65 with its line and column")
  func malformed() async {
    // This source file is no machine; its first word opens no mapping.
    let outcome = await ToolRun.outcome(of: ["compare", "--machine", #filePath])
    #expect(outcome.exitCode == 65)
    #expect(outcome.errors.hasPrefix("iommu: error: \(#filePath):"))
    #expect(outcome.errors.count { $0 == "\n" } == 1)
    #expect(outcome.output == "")
  }

  @Test("Each kind of failure has its own exit code")
  func exitCodes() {
    #expect(ToolError.checkFailed("a").exitCode == 1)
    #expect(ToolError.usage("a").exitCode == 64)
    #expect(ToolError.malformed(path: "f", line: 2, column: 3, "m").exitCode == 65)
    #expect(ToolError.missingInput(path: "f", reason: "r").exitCode == 66)
    #expect(ToolError.malformed(path: "f", line: 2, column: 3, "m").message == "f:2:3: m")
    #expect(ToolRun.line("two\n  lines") == "iommu: error: two lines\n")
  }
}
