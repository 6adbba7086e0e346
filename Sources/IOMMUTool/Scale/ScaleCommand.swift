import ArgumentParser
import InterleavingExplorer
import InterleavingScenarios

/// `iommu scale`: what map and unmap come to on up to 64 processors that share a domain.
struct ScaleCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "scale",
    abstract: "Runs map and unmap on up to 64 simulated processors, and prices shared cache lines.",
    discussion: """
      The stack's own code runs on processors that exist in name only, each with a clock; at each \
      lock and atomic word the one whose clock is lowest goes on. An operation takes what it was \
      measured to take on one processor, and for each cache line that another has written the time \
      of moving it, queueing for it and for locks included. All processors use one domain; each \
      keeps 32 mappings out. Docs/scaling.md tells what counts and what does not.

      JSON: {pairs, depth, unmaps, picoseconds: {near, far, instruction}, chip, rows: [{policy, \
      cpus, operationsPerSecond, relative, transfersPerOperation, lines: [{name, \
      transfersPerOperation, nanosecondsPerOperation}]}]}. relative is to the same policy on one \
      processor, null where that is not among --cpus; lines are those that cost most.
      """)

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("\(NearestName.list(policies)). (default: all)", valueName: "policy"))
  var policy: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Numbers of processors, 1 to 64.", valueName: "number"))
  var cpus: [Int] = [1, 2, 4, 8, 16, 32, 64]

  @Option(
    help: ArgumentHelp(
      "Pairs of map and unmap, of all processors together.", valueName: "number"))
  var pairs = 65_536

  @Option(help: ArgumentHelp("The mappings that each processor has out.", valueName: "number"))
  var depth = 32

  @Flag(
    help: ArgumentHelp(
      "What one processor maps, the next unmaps: completions arrive somewhere else."))
  var elsewhere = false

  @Option(
    help: ArgumentHelp(
      "What moving a line costs, on a chip and to another one.", valueName: "time,time"))
  var transfer = "50ns,150ns"

  @Option(help: ArgumentHelp("The processors of a chip.", valueName: "number"))
  var chip = 8

  @Option(help: ArgumentHelp("What an instruction takes.", valueName: "time"))
  var instruction = "250ps"

  @Option(help: ArgumentHelp("How to print the result.", valueName: "format"))
  var format = OutputFormat.table

  static var policies: [String] { ScalingPolicy.all.map(\.name) }

  mutating func report(_ progress: Progress) async throws(ToolError) -> String {
    let request = try ScaleRequest(self)
    if !coreYieldPointsAreObserved { return try await ExploringBuild.run(request.arguments) }
    let rows = await ScaleRunner.run(request, progress)
    switch format {
    case .table: return ScaleTable.text(rows, request)
    case .json: return ScaleJSON.text(rows, request)
    }
  }
}
