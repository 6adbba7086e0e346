import IOMMU
import MachineModel
import Testing

@testable import IOMMUTool

@Suite("iommu replay") struct ReplayCommandTests {
  static let root: String = {
    var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    parts.removeLast(4)
    return parts.joined(separator: "/")
  }()
  static let intel = root + "/Traces/x86-64/linux-6.1.0-50-amd64.intel-strict.iommu.ftrace.xz"
  static let fixtures = root + "/Tests/Fixtures/traces/"

  @Test("A compressed trace is repeated under each policy, in the order asked for")
  func rows() async {
    let policies = ["strict", "legacy", "rollover+batch+reuse", "identity"]
    let outcome = await ToolRun.outcome(of: ["replay", Self.intel, "--policy"] + policies)
    #expect(outcome.exitCode == 0 && outcome.errors == "")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines[0].hasSuffix("workload \(Self.intel), relative to legacy"))
    #expect(lines[4..<8].map { $0.prefix { $0 != " " } } == policies.map { $0[...] })
    #expect(lines[8].hasPrefix("IOPS: maps per second"))
    #expect(lines[9].hasPrefix("recorded: "))
  }

  @Test("compare takes the trace as its workload, with the same result")
  func compare() async {
    let options = ["--format", "json", "--policy", "strict"]
    let replay = await ToolRun.outcome(of: ["replay", Self.intel] + options)
    let compare = await ToolRun.outcome(of: ["compare", "--workload", Self.intel] + options)
    #expect(replay.exitCode == 0 && replay.output.contains("\"policy\": \"strict\""))
    #expect(compare == replay)
  }

  @Test("Strict announces every map and unmap of a recorded trace, once")
  func strict() async throws {
    let trace = try await RecordedTrace(Self.fixtures + "small.ftrace", .silent)
    let machine = try MachineCatalog.machine("zvm")
    let result = try Replay(machine: machine, stream: trace.stream).run(PolicyChoice(.strict))
    #expect(result.requests == UInt64(trace.stream.maps))
    #expect(result.invalidations.map == UInt64(trace.stream.maps))
    #expect(result.invalidations.unmap == UInt64(trace.stream.unmaps))
    #expect(result.invalidations.global == 0)
    #expect(result.violations.isEmpty)
  }

  @Test("Packed or plain, a trace gives the same work", arguments: ["gz", "xz", "zst"])
  func packed(suffix: String) async throws {
    let plain = try await RecordedTrace(Self.fixtures + "small.ftrace", .silent)
    do throws(ToolError) {
      let packed = try await RecordedTrace(Self.fixtures + "small.ftrace." + suffix, .silent)
      #expect(packed.notes == plain.notes)
      #expect(packed.stream.maps == plain.stream.maps)
      #expect(packed.stream.livePagesMax == plain.stream.livePagesMax)
    } catch {
      // Only the program that unpacks it may be missing.
      #expect(error.exitCode == 69)
    }
  }

  @Test(
    "What is no whole trace is one line with the file's name, and exits 65",
    arguments: ["cut.ftrace", "cut.ftrace.xz", "empty.ftrace", "binary.ftrace", "README.md"])
  func bad(name: String) async {
    let path = Self.fixtures + name
    let outcome = await ToolRun.outcome(of: ["replay", path])
    #expect(outcome.exitCode == 65)
    #expect(outcome.output == "")
    #expect(outcome.errors.hasPrefix("iommu: error: \(path):"))
    #expect(outcome.errors.count { $0 == "\n" } == 1)
  }

  @Test("A machine whose aperture is too small for the trace is told, and exits 64")
  func aperture() async throws {
    let trace = try await RecordedTrace(Self.intel, .silent)
    #expect(trace.stream.livePagesMax > 1)
    var machine = MachineDescription(name: "tiny")
    machine.apertureBytes = 4_096
    let request = ExperimentRequest(
      machine: machine, workload: .trace(path: Self.intel), policies: [], seed: 1)
    await #expect(throws: ToolError.self) { _ = try await request.prepare(.silent) }
    do throws(ToolError) {
      _ = try await request.prepare(.silent)
    } catch {
      #expect(error.exitCode == 64)
      #expect(error.message.hasPrefix("\(Self.intel) on machine tiny: "))
    }
  }
}
