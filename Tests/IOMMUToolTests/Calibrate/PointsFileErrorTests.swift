import Testing

@testable import IOMMUTool

@Suite struct PointsFileErrorTests {
  @Test(
    "A mistake is reported at its own line and column",
    arguments: [
      ("seed: 7", "sed: 7", 3, 1, "unknown key 'sed'; did you mean 'seed'?"),
      ("seed: 7", "seed: x", 3, 7, "seed: expected a whole number, found 'x'"),
      ("reference: legacy", "reference: legazy", 4, 12, "reference: unknown policy 'legazy'"),
      (
        "  rpcit.trap:", "  rpcit.trp:", 6, 3,
        "unknown constant 'rpcit.trp'; did you mean 'rpcit.trap'?"
      ),
      ("  rpcit.trap:", "  aperture.bytes:", 6, 3, "'aperture.bytes' cannot be fitted"),
      ("  rpcit.trap:", "  translation.kind:", 6, 3, "'translation.kind' cannot be fitted"),
      ("start: 10us", "start: 10", 6, 25, "start: expected a unit behind the number"),
      ("start: 10us", "start: 0us", 6, 23, "start: expected 1ns to 1s, found '0us'"),
      ("start: 10us", "begin: 10us", 6, 16, "unknown key 'begin'; expected start, least or most"),
      ("  cpu.treeStep:", "  rpcit.trap:", 6, 3, "the key 'rpcit.trap' is given twice"),
      ("policy: strict", "policy: strct", 9, 13, "policy: unknown policy 'strct'"),
      ("policy: strict", "policy: queue:3,1ms", 9, 19, "policy: expected a power of two"),
      ("policy: strict", "policy: legacy", 9, 5, "relative to legacy, itself is 1 on any machine"),
      ("policy: strict", "polcy: strict", 9, 5, "unknown key 'polcy'; did you mean 'policy'?"),
      ("relative: 0.50", "relativ: 0.50", 10, 5, "unknown key 'relativ'; did you mean 'relative'?"),
      ("relative: 0.50", "relative: 0", 10, 15, "relative: expected a number above 0, found '0'"),
      ("relative: 0.50", "relative: half", 10, 15, "relative: expected a number such as 0.76"),
      ("relative: 0.50", "relative: -0.5", 10, 15, "relative: expected a number such as 0.76"),
      (
        "relative: 0.50", "relative: 0.50\n    iops: 3", 11, 11,
        "expected one figure for each point"
      ),
      ("    relative: 0.50\n", "", 9, 5, "expected one figure: relative, iops or"),
      ("relative: 0.50", "relative: {above: 0.4}", 11, 12, "bounds have no error; take it out"),
      ("error: 4%", "error: 0%", 11, 12, "an error of 0 would leave the point no other value"),
      ("error: 4%", "error: 0.000", 11, 12, "an error of 0 would leave the point no other value"),
      ("    error: 4%\n", "", 10, 15, "the key 'error' is missing"),
      ("role: fit", "role: fitt", 12, 11, "role: expected fit or predict, found 'fitt'"),
      ("    role: fit\n", "", 9, 5, "the key 'role' is missing"),
      (
        "{below: 0.08}", "{below: 0.08, above: 0.1}", 18, 23,
        "nothing lies above 0.1 and below 0.08"
      ),
      ("{below: 0.08}", "{}", 18, 15, "expected above, below or both"),
      ("role: predict", "role: fit", 19, 11, "bounds cannot be fitted"),
      ("queue:256,10ms", "strict", 17, 5, "strict has a point for relative already"),
      (
        "    iops: 55564.5\n    error: 100\n    role: fit",
        "    iops: 55564.5\n    error: 100\n    role: predict", 6, 3,
        "2 constants cannot be told from 1 fitted points"
      ),
      ("machine: zvm\n", "", 1, 1, "the key 'machine' is missing"),
      ("points:\n", "points: []\nother:\n", 9, 1, "unknown key 'other'"),
    ])
  func mistakes(old: String, new: String, line: Int, column: Int, message: String) {
    let text = Self.edited(old, new)
    do throws(MachineFileError) {
      _ = try PointsFileReader.read(text)
      Issue.record("read without an error")
    } catch {
      #expect(error.message.hasPrefix(message), "\(error)")
      #expect((error.line, error.column) == (line, column), "\(error)")
    }
  }

  @Test("What is no mapping at all is refused")
  func notPoints() {
    for text in ["", "- a\n", "a", "\tb: 1\n", "constants: 3\nmachine: a\nworkload: b\npoints: []"]
    {
      #expect(throws: MachineFileError.self) { try PointsFileReader.read(text) }
    }
  }

  @Test("Text cut off anywhere, or with a byte changed, is refused or read, and never traps")
  func mutations() {
    let text = PointsFileTests.complete
    for length in 0..<text.count {
      do throws(MachineFileError) {
        _ = try PointsFileReader.read(String(text.prefix(length)))
      } catch {
        #expect(error.line >= 1 && error.column >= 1)
      }
      for character in ":-{ 9" {
        var changed = Array(text)
        changed[length] = character
        do throws(MachineFileError) { _ = try PointsFileReader.read(String(changed)) } catch {
          #expect(error.line >= 1 && error.column >= 1)
        }
      }
    }
  }

  @Test(
    "The command tells a mistake in one line with its exit code",
    arguments: [
      (["calibrate"], 64, "Missing expected argument"),
      (
        ["calibrate", "thread-2021"], 64,
        "unknown points 'thread-2021'; did you mean 'thread-2022'?"
      ),
      (["calibrate", "no-such.yaml"], 66, "no-such.yaml: No such file or directory"),
      (["calibrate", "/"], 66, "/: Is a directory"),
      (["calibrate", "thread-2022", "--name", "x"], 64, "--name needs --output"),
      (
        ["calibrate", "thread-2022", "--output", "no/such/file"], 64,
        "--output no/such/file: No such"
      ),
      (["calibrate", "thread-2022", "--output", "/"], 64, "--output /: Is a directory"),
      (
        ["calibrate", "thread-2022", "--output", "a", "--name", "a b"], 64, "--name 'a b': expected"
      ),
    ])
  func command(arguments: [String], exitCode: Int32, message: String) async {
    let outcome = await ToolRun.outcome(of: arguments)
    #expect(outcome.exitCode == exitCode)
    #expect(outcome.errors.hasPrefix("iommu: error: " + message), "\(outcome.errors)")
    #expect(outcome.errors.count { $0 == "\n" } == 1)
    #expect(outcome.output == "")
  }

  /// The complete file with its first `old` replaced.
  static func edited(_ old: String, _ new: String) -> String {
    let text = PointsFileTests.complete
    guard let range = text.firstRange(of: old) else { return "" }
    return String(text[..<range.lowerBound]) + new + String(text[range.upperBound...])
  }
}
