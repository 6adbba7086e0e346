import MachineModel
import Testing

@testable import IOMMUTool

@Suite struct CrossoverCommandTests {
  @Test("Every shipped machine has its rows, a mark and a verdict")
  func table() async throws {
    let outcome = await ToolRun.outcome(of: ["crossover"])
    #expect(outcome.exitCode == 0 && outcome.errors == "")
    let lines = outcome.output.split(separator: "\n")
    for (index, name) in MachineCatalog.timedNames.enumerated() {
      #expect(lines.count { $0.hasPrefix(name + " ") } == 3)
      #expect(lines.contains { $0.hasPrefix(name + ": ") })
      let letter = UnicodeScalar(UInt8(65 + index))
      #expect(lines.contains { $0.hasPrefix("  \(letter) \(name)") })
    }
    for line in lines where !line.contains(": ") {
      #expect(line.count <= 120 && line.last != " ", "\(line)")
    }
  }

  @Test("The border of zvm is what its costs say, between Linux's two queues")
  func zvm() throws {
    let report = CrossoverReport(try MachineCatalog.machine("zvm"), tables: 2)
    // (13 us + 262,144 pages of 122 ns) / (13 us + 122 ns) = 2,438.2.
    #expect(report.breakEven == 2_439)
    #expect(report.side(256) == .selective && report.side(32_768) == .full)
    #expect(report.verdict.hasPrefix("zvm: selective with a queue of 256, full with one of 32768"))
    #expect(report.unmapsPerSecond(10) == 243_900)
  }

  @Test("JSON has the keys in their order, one machine for each that was asked for")
  func json() async {
    let outcome = await ToolRun.outcome(
      of: ["crossover", "--machine", "lpar", "zvm", "--format", "json"])
    #expect(outcome.exitCode == 0)
    let names = outcome.output.split(separator: "\n").filter { $0.contains("\"machine\":") }
    #expect(names.map { $0.contains("lpar") } == [true, false])
    #expect(outcome.output.contains("\"check\": null"))
  }

  @Test("With more tables in use a machine that skips absent ones changes sides")
  func tables() throws {
    let machine = try MachineCatalog.machine("vtd-shadow")
    let most = try #require(RefreshPrices(machine).largestTables(unmaps: 255))
    #expect(CrossoverReport(machine, tables: most).side(256) == .full)
    #expect(CrossoverReport(machine, tables: most + 1).side(256) == .selective)
  }

  @Test("The picture's regions are those of the formula, and every machine is in it")
  func grid() throws {
    // A page for a 2^16th of a trap, 256 pages: next to nothing. Four traps a page, 2^26: never.
    #expect(CrossoverGrid.symbol(-16, 8) == ".")
    #expect(CrossoverGrid.symbol(2, 26) == "#")
    // 2^12 traps for everything: more than 256 refreshes, fewer than 32768.
    #expect(CrossoverGrid.symbol(-8, 20) == "-")
    let zvm = CrossoverReport(try MachineCatalog.machine("zvm"), tables: 2)
    #expect(CrossoverGrid.place(zvm) == (-7, 18))
    let lpar = CrossoverReport(try MachineCatalog.machine("lpar"), tables: 2)
    #expect(CrossoverGrid.place(lpar).0 == -16)
  }

  @Test(
    "Mistakes are told in one line",
    arguments: [
      (["--machine", "zwm"], 64, "did you mean 'zvm'?"),
      (["--machine", "no-such.yaml"], 66, "no-such.yaml: No such file"),
      (["--tables", "0"], 64, "expected 1 or more"),
      (["--tables", "-1"], 64, "--tables"),
      (["--tables", "5", "--verify"], 64, "cannot be given with --verify"),
      (["--format", "xml"], 64, "--format"),
      (["zvm"], 64, "zvm"),
    ] as [([String], Int32, String)])
  func mistakes(arguments: [String], code: Int32, message: String) async {
    let outcome = await ToolRun.outcome(of: ["crossover"] + arguments)
    #expect(outcome.exitCode == code)
    #expect(outcome.output == "")
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(outcome.errors.count { $0 == "\n" } == 1)
  }

  @Test("Simulated, the border of a machine without a shadow holds")
  func verify() async {
    let outcome = await ToolRun.outcome(
      of: ["crossover", "--machine", "lpar", "--verify", "--format", "json"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("\"holds\": true"))
  }
}
