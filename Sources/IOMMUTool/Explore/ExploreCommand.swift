import ArgumentParser
import InterleavingExplorer

/// `iommu explore`: runs scenarios under many interleavings, and tells which break a promise.
struct ExploreCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "explore",
    abstract: "Runs the stack's own code under every interleaving, and prints what goes wrong.",
    discussion: """
      A scenario is two to four tasks on a small machine with all checkers: a device is released \
      while it is attached, a card is pulled under a flush. Tasks switch only at yield points: \
      locks, atomics, instructions. The exhaustive scheduler tries every schedule with at most so \
      many preemptions; pct and random draw schedules; replay repeats one. Without SCENARIO all of \
      the product's scenarios are explored. A violation is printed with the shortest schedule \
      that shows it, and the line that repeats it. Exits 1 where there is one.

      Only interleavings are explored: memory is sequentially consistent, so what weaker orders \
      allow is not seen. Docs/exploring.md tells how it works and what it proves.

      JSON: {schedules, exhaustive, violations: [{scenario, checker, message, schedule: [{task, \
      step}], replay}], scenarios: [{scenario, kind, tasks, schedules, exhaustive, preemptions, \
      longest, violations}]}. With --list: [{scenario, kind, races, checks}].
      """)

  @Argument(help: ArgumentHelp("What to explore; --list has them all.", valueName: "scenario"))
  var scenarios: [String] = []

  @Option(
    help: ArgumentHelp(
      "A historical variant, to see it caught: \(NearestName.list(variants)).",
      valueName: "name"))
  var variant: String?

  @Option(
    help: ArgumentHelp(
      "\(SchedulerSpelling.usage). (default: exhaustive:2)", valueName: "scheduler"))
  var scheduler: String?

  @Option(
    help: ArgumentHelp("Repeats one schedule, as a violation prints it.", valueName: "string"))
  var replay: String?

  @Option(help: ArgumentHelp("Where the drawn schedules start.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "Stops a scenario after so many schedules; it is not exhaustive then.",
      valueName: "number"))
  var limit: UInt64?

  @Flag(
    help: ArgumentHelp(
      "Explores schedules too that differ only in the order of steps that cannot see each other."))
  var unreduced = false

  @Flag(
    help: ArgumentHelp("Runs each schedule twice, and fails where the two differ."))
  var twice = false

  @Flag(help: ArgumentHelp("Tells what each scenario races and checks, and explores nothing."))
  var list = false

  @Option(help: ArgumentHelp("How to print the result.", valueName: "format"))
  var format = OutputFormat.table

  private static var variants: [String] { ScenarioCatalog.Kind.variant.scenarios.map(\.name) }

  mutating func report(_ progress: Progress) async throws(ToolError) -> String {
    if list {
      if format == .json { return ScenarioCatalog.listJSON }
      return ScenarioCatalog.list
    }
    let request = try ExploreRequest(self)
    if request.needsYieldPoints && !coreYieldPointsAreObserved {
      return try await ExploringBuild.run(request.arguments)
    }
    let results = await ExploreRunner.run(request, progress)
    if let result = results.first(where: { $0.report.divergence != nil }) {
      throw .usage(
        "--replay '\(replay ?? "")': \(result.report.divergence ?? ""); it is of another build, "
          + "or was changed")
    }
    let text: String
    switch format {
    case .table: text = ExploreTable.text(results)
    case .json: text = ExploreJSON.text(results)
    }
    if let failure = ExploreTable.failure(results) {
      throw .failedCheck(report: text, reason: failure)
    }
    return text
  }
}
