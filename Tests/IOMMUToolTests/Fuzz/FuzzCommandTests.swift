import MachineModel
import Testing

@testable import IOMMUTool

@Suite struct FuzzCommandTests {
  /// The lines that do not tell a measured time.
  private func lines(_ outcome: ToolOutcome) -> [Substring] {
    outcome.output.split(separator: "\n").filter { !$0.hasPrefix("measured: ") }
  }

  @Test("The same arguments give the same result, whatever the number of jobs")
  func jobs() async {
    let arguments = ["fuzz", "--seeds", "3", "--operations", "300"]
    let first = await ToolRun.outcome(of: arguments + ["--jobs", "1"])
    let second = await ToolRun.outcome(of: arguments + ["--jobs", "4"])
    #expect(first.exitCode == 0 && first.errors == "")
    #expect(lines(first) == lines(second))
    #expect(first.output.hasPrefix("3 seeds, 900 operations, "))
    #expect(first.output.contains("No violation."))
  }

  @Test("A failure comes with a line that repeats it, and one that does so with fewer operations")
  func replay() async throws {
    let found = await ToolRun.outcome(
      of: ["fuzz", "--seeds", "20", "--operations", "1000", "--plant", "skipsUnmapInvalidation"])
    #expect(found.exitCode == 1)
    let told = lines(found)
    let violation = try #require(told.firstIndex { $0.hasPrefix("VIOLATION ") })
    let replay = try #require(told.firstIndex(of: "replay:"))
    let again = await ToolRun.outcome(
      of: told[replay + 1].split(separator: " ").dropFirst().map(String.init))
    #expect(again.exitCode == 1)
    #expect(lines(again).contains(told[violation]))
    #expect(lines(again).contains(told[violation + 1]))
    let shrunk = told[replay + 3].split(separator: " ").dropFirst().map(String.init)
    #expect(told[replay + 2] == "shrunk:" && shrunk.contains("--only"))
    #expect(await ToolRun.outcome(of: shrunk).exitCode == 1)
  }

  @Test("Numbers of operations are read as they are written", arguments: ["none", "3", "3,17-20"])
  func ranges(_ text: String) throws {
    #expect(StepRanges.text(try StepRanges.parse(text)) == text)
  }

  @Test(
    "What are no rising numbers is refused",
    arguments: ["", "x", "3,", "5,2", "4-2", "1-2-3", "3,3", "-1"])
  func badRanges(_ text: String) {
    #expect(throws: ToolError.self) { try StepRanges.parse(text) }
  }
}
