import Foundation
import Testing

@testable import IOMMUTool

@Suite("iommu trace") struct TraceCommandTests {
  static let small = ReplayCommandTests.fixtures + "small.ftrace"
  static let mixed = ReplayCommandTests.root + "/Traces/s390x/linux-6.1-lazy-mixed.ftrace.xz"

  /// Runs the tool with a file of its own, which is gone afterwards.
  private func withFile<Result>(
    _ text: String = "", _ body: (String) async throws -> Result
  ) async throws -> Result {
    let path = NSTemporaryDirectory() + "iommu-\(UUID().uuidString).txt"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
  }

  /// The small trace with two of its lines damaged.
  private func damaged() throws -> (text: String, line: Int) {
    var lines = try String(contentsOfFile: Self.small, encoding: .utf8).components(
      separatedBy: "\n")
    let places = lines.indices.filter { lines[$0].contains("0x") }
    for place in places.suffix(3).prefix(2) {
      lines[place] = lines[place].replacing("0x", with: "0xq")
    }
    return (lines.joined(separator: "\n"), places.suffix(3)[places.count - 3] + 1)
  }

  @Test("summarise answers to three names, with the same table and the same JSON")
  func names() async {
    let table = await ToolRun.outcome(of: ["trace", "summarise", Self.small])
    #expect(table.exitCode == 0 && table.errors == "")
    #expect(table.output.hasPrefix("trace \(Self.small): ftrace, "))
    for name in ["summary", "summarize"] {
      #expect(await ToolRun.outcome(of: ["trace", name, Self.small]) == table)
    }
    let json = await ToolRun.outcome(of: ["trace", "summary", Self.small, "--format", "json"])
    let object = try? JSONSerialization.jsonObject(with: Data(json.output.utf8))
    #expect((object as? [String: Any])?["format"] as? String == "ftrace")
  }

  @Test("damaged lines are counted and the first one is shown, by every verb")
  func malformed() async throws {
    let (text, line) = try damaged()
    try await withFile(text) { path in
      let note = "2 malformed lines, passed over; the first: \(path):\(line):"
      let summary = await ToolRun.outcome(of: ["trace", "summarise", path])
      #expect(summary.exitCode == 0 && summary.output.contains(note))
      let replay = await ToolRun.outcome(of: ["replay", path, "--policy", "strict"])
      #expect(replay.exitCode == 0 && replay.output.contains(note))
      for verb in [["trace", "summarise"], ["replay"]] {
        let json = await ToolRun.outcome(of: verb + [path, "--format", "json"])
        #expect(json.output.contains("\"malformed\": {\n    \"lines\": 2,\n"))
        #expect(json.output.contains("\"line\": \(line),\n"))
        #expect(json.output.contains("\"problem\": \"expected a hexadecimal number\""))
      }
      try await withFile { output in
        for verb in [["cut", path, "--from", "0"], ["convert", path, "--to", "perf"]] {
          let outcome = await ToolRun.outcome(of: ["trace"] + verb + ["--output", output])
          #expect(outcome.exitCode == 0 && outcome.output.contains(note))
        }
      }
    }
  }

  @Test("a clean trace's replay has no word of damaged lines")
  func clean() async {
    let json = await ToolRun.outcome(of: ["replay", Self.small, "--format", "json"])
    #expect(json.exitCode == 0 && !json.output.contains("malformed"))
  }

  @Test("the mistakes of a cut are told, and exit 64")
  func usage() async {
    let cases: [([String], String)] = [
      ([], "expected --from, --to, --phase or --between"),
      (["--phase", "x", "--from", "1"], "expected either times"),
      (["--between", "a"], "expected two marks"),
      (["--between", "mark-start", "x"], "no mark 'x' after 'mark-start'"),
      (["--phase", "x"], "no mark 'x' in "),
      (["--from", "1x"], "--from '1x', column 2: unknown unit 'x'"),
      (["--to", "+"], "--to '+', column 2: expected a time"),
      (["--from", "+9999"], "no event of "),
    ]
    for (arguments, message) in cases {
      let outcome = await ToolRun.outcome(of: ["trace", "cut", Self.mixed] + arguments)
      #expect(outcome.exitCode == 64)
      #expect(outcome.errors.hasPrefix("iommu: error: \(message)"))
      #expect(outcome.errors.hasSuffix("(see 'iommu trace cut --help')\n"))
    }
  }

  @Test("the output may not be the trace, and one that cannot be created exits 73")
  func outputs() async throws {
    let same = await ToolRun.outcome(
      of: ["trace", "convert", Self.small, "--to", "csv", "--output", Self.small])
    #expect(same.exitCode == 64 && same.errors.contains("is the trace itself"))
    let none = await ToolRun.outcome(
      of: ["trace", "convert", Self.small, "--to", "csv", "--output", "/no/such/folder/x"])
    #expect(none.exitCode == 73)
    #expect(
      none.errors == "iommu: error: /no/such/folder/x: cannot be created: "
        + "No such file or directory\n")
  }

  @Test("what is no trace leaves the output as it was")
  func untouched() async throws {
    try await withFile("precious") { output in
      let outcome = await ToolRun.outcome(
        of: [
          "trace", "convert", ReplayCommandTests.fixtures + "README.md", "--to", "perf", "--output",
          output,
        ])
      #expect(outcome.exitCode == 65)
      let kept = try String(contentsOfFile: output, encoding: .utf8)
      #expect(kept == "precious")
    }
  }
}
