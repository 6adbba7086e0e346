import ArgumentParser
import IOMMU
import MachineModel

/// `iommu fuzz`: the whole stack under random operations and faults.
struct FuzzCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "fuzz",
    abstract: "Runs the whole stack under random operations and faults, and checks every promise.",
    discussion: """
      Each seed draws a machine, domains with policies, groups of functions, and then operations: \
      maps and unmaps of all kinds, devices that use live, stale and made-up addresses, time that \
      passes, groups that move between domains, functions that are reset, pulled and found again. \
      In turns with faults only safety is asked for; in those without, everything has to work.

      Ends at the first seed that breaks a promise, with exit code 1, what was broken, the last \
      operations before it, and a line that repeats exactly that run. Without --time \
      the same arguments give the same result, whatever the number of jobs, but for the line or \
      key 'measured'.
      """)

  @Option(help: ArgumentHelp("The first seed.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("The number of seeds. (default: 100)", valueName: "count"))
  var seeds: UInt64?

  @Option(help: ArgumentHelp("The number of operations for each seed.", valueName: "count"))
  var operations = 10_000

  @Option(
    help: ArgumentHelp(
      "Take one seed after the other for so many seconds, instead of a number of them.",
      valueName: "seconds"))
  var time: UInt64?

  @Option(
    help: ArgumentHelp(
      "How many seeds run side by side, at most four a processor. (default: one a processor)",
      valueName: "count"))
  var jobs: Int?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The policies that domains may have, spelled as for compare. (default: all)",
      valueName: "policy"))
  var policy: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Kinds of operations and faults to leave out.",
      discussion: "Of \(NearestName.list(SimulatedKind.allCases.map(\.name))).",
      valueName: "kind"))
  var without: [String] = []

  @Option(
    help: ArgumentHelp(
      "The operations that are done at all, as in 3,17-20, or none; others are passed over.",
      valueName: "numbers"))
  var only: String?

  @Option(help: ArgumentHelp("How to print the result.", valueName: "format"))
  var format = OutputFormat.table

  /// Shows that failures are found and told as they should be.
  @Option(
    help: ArgumentHelp(
      "Break the stack on purpose.", valueName: "bug", visibility: .hidden))
  var plant: PlantedBug?

  mutating func report(_ progress: Progress) async throws(ToolError) -> String {
    let request = try request()
    let outcome = try await FuzzRunner.run(request, progress)
    let text: String
    switch format {
    case .table: text = FuzzTable.text(outcome)
    case .json: text = FuzzJSON.text(outcome)
    }
    guard let failure = outcome.failure else { return text }
    throw .failedCheck(
      report: text,
      reason: "seed \(failure.failure.seed): \(failure.failure.checker.name): "
        + failure.failure.message)
  }

  private func request() throws(ToolError) -> FuzzRequest {
    if operations < 1 { throw .usage("--operations \(operations): expected 1 or more") }
    if let jobs, jobs < 1 { throw .usage("--jobs \(jobs): expected 1 or more") }
    if seeds == 0 { throw .usage("--seeds 0: expected 1 or more") }
    if time == 0 { throw .usage("--time 0: expected 1 or more") }
    if seeds != nil && time != nil {
      throw .usage("--time says how long to go on; it does not go with --seeds")
    }
    var options = SimulationOptions(seed: seed, operations: operations)
    for text in policy { options.policies.append(try PolicySpelling.choice(text)) }
    for text in without { options.without.insert(try Self.kind(text)) }
    if let only { options.only = try StepRanges.parse(only) }
    options.bug = plant
    return FuzzRequest(
      options: options, seeds: time == nil ? seeds ?? 100 : nil, seconds: time, jobs: jobs)
  }

  private static func kind(_ text: String) throws(ToolError) -> SimulatedKind {
    let names = SimulatedKind.allCases.map(\.name)
    if let kind = SimulatedKind.allCases.first(where: { $0.name == text }) { return kind }
    throw .usage("--without '\(text)': \(NearestName.hint(for: text, among: names))")
  }
}

extension PlantedBug: ExpressibleByArgument {}
