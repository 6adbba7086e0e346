import IOMMU
import MachineModel
import Testing
import Workloads

@testable import IOMMUTool

@Suite("What an image says") struct BootRowTests {
  private let line =
    "row requests=1024 nanoseconds=512000000 map=32 unmap=0 global=1 failures=0 wrong=0 driver=45 "
    + "machine=45"

  @Test("A row is found among other lines, with its rate")
  func row() throws {
    let row = try #require(BootRow(lines: ["noise", line, "more"]))
    #expect(row.complaint == nil && row.rate == 2_000)
    let shown = row.comparisonRow(named: "x", relativeTo: 1_000)
    #expect(shown.relative == 2 && shown.invalidationsPerIO == 33.0 / 1_024)
  }

  @Test("A number that is missing makes no row", arguments: ["machine=45", "map=32", "row "])
  func incomplete(_ part: String) {
    #expect(BootRow(lines: [line.replacing(part, with: "")]) == nil)
  }

  @Test(
    "What is wrong is told",
    arguments: [
      ("failures=0", "failures=2", "2 requests failed"),
      ("wrong=0", "wrong=1", "1 blocks had wrong data"),
      ("machine=45", "machine=44", "the driver counted 45 RPCITs, the machine 44"),
    ]) func complaint(_ from: String, _ to: String, _ told: String) throws
  {
    let row = try #require(BootRow(lines: [line.replacing(from, with: to)]))
    #expect(row.complaint == told)
  }

  @Test("Instructions are what the driver took without the looks at the clock")
  func instructions() throws {
    // 1,024 units of the clock are 125 instructions of two nanoseconds.
    let told = " submit=1024000 ring=4096 take=10240 stretches=100 look=82"
    let row = try #require(BootRow(lines: [line + told]))
    let units: Double = 1_038_336 - 8_200
    let instructions: Double = units * 125 / 1_024
    #expect(row.instructionsPerIO == instructions / 1_024)
    let silent = try #require(BootRow(lines: [line]))
    #expect(silent.instructionsPerIO == nil)
  }

  @Test("A job is told in numbers")
  func job() throws {
    let plan = try #require(RoundPlan(Workload.randomRead, seed: 3))
    let job = BootJob(
      choice: PolicyChoice(.rollover(age: .milliseconds(1), stale: nil), .batch), plan: plan,
      warmUp: 8, rounds: 10, apertureBytes: 1 << 30)
    #expect(
      job.commandLine
        == "policy=6 age=1000000 modifiers=1 aperture=1073741824 depth=32 writes=0 buffers=1 "
        + "seed=3 disk=131072 warm=8 rounds=10 blocks=8 weights=1")
  }

  @Test("Rounds do every workload that has a name, and a job tells of offsets")
  func workloads() throws {
    for workload in Workload.all { #expect(RoundPlan(workload, seed: 1) != nil) }
    let network = try #require(Workload.all.first { $0.name == "network" })
    let job = BootJob(
      choice: PolicyChoice(.strict), plan: try #require(RoundPlan(network, seed: 1)), warmUp: 8,
      rounds: 2, apertureBytes: 1 << 30)
    #expect(job.commandLine.hasSuffix(" blocks=4 weights=1 offsets=0,2048"))
  }
}
