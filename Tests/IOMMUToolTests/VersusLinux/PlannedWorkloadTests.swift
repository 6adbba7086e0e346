import MachineModel
import Testing
import Workloads

@testable import IOMMUTool

@Suite("A plan of workloads for Linux and this stack")
struct PlannedWorkloadTests {
  @Test("A line is a workload, comments and blank lines are none")
  func line() throws {
    let text = """
      # name and so on

      mixed-fresh  32  4:4,256:1 33  fresh 6000

      """
    let plan = try PlannedWorkload.plan(text, path: "plan")
    let workload = try #require(plan.first)
    #expect(plan.count == 1)
    #expect(workload.name == "mixed-fresh")
    #expect(workload.requests == 6_000)
    #expect(
      workload.summary
        == "mixed-fresh: 4 KiB x 4, 256 KiB, 32 in flight, 33 % writes, fresh buffers")
    let rounds = workload.rounds(seed: 7)
    #expect(rounds.depth == 32)
    #expect(rounds.sizes == [.init(blocks: 8, weight: 4), .init(blocks: 512, weight: 1)])
    #expect(rounds.writePercent == 33)
    #expect(rounds.buffersPerPlace == RoundPlan.freshBuffersPerPlace)
  }

  @Test(
    "A line that is no workload is an error with its place",
    arguments: [
      "name 1 4:1 0 back", "name 1 4:1 0 new 10", "name x 4:1 0 back 10", "name 1 4 0 back 10",
      "name 1 4:1,y:2 0 back 10", "name 0 4:1 0 back 10", "name 1 4:0 0 back 10",
      "name 1 4:1 101 back 10", "name 1 99999999:1 0 back 10", "name 1 4:1 0 back -1",
    ])
  func mistakes(_ line: String) {
    #expect {
      try PlannedWorkload.plan("# plan\n" + line + "\n", path: "plan")
    } throws: {
      guard case ToolError.malformed("plan", 2, 1, _)? = $0 as? ToolError else { return false }
      return true
    }
  }
}
