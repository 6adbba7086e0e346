import InterleavingExplorer

/// What a command line of `iommu explore` asks for, checked.
struct ExploreRequest {
  /// What to explore, and what kind of scenario each is.
  let scenarios: [(kind: ScenarioCatalog.Kind, scenario: Scenario)]

  /// How.
  let options: ExplorationOptions

  /// The same command line, spelled out: for another build of the tool.
  let arguments: [String]

  /// Checks what was asked for.
  ///
  /// Throws: `usage`, with the column where a text is wrong.
  init(_ command: ExploreCommand) throws(ToolError) {
    if command.replay != nil && command.scheduler != nil {
      throw .usage("--replay cannot be given with --scheduler: it is one")
    }
    var scheduler = Scheduler.exhaustive(preemptions: 2)
    if let text = command.scheduler {
      scheduler = try Self.spelled("--scheduler", text) { text throws(SpellingError) in
        try SchedulerSpelling.scheduler(text, seed: command.seed)
      }
    } else if let text = command.replay {
      scheduler = .replay(
        try Self.spelled("--replay", text) { text throws(SpellingError) in
          try SchedulerSpelling.replay(SpellingPiece(Substring(text)))
        })
    }
    if command.limit == 0 { throw .usage("--limit 0: expected 1 or more") }
    scenarios = try Self.scenarios(command, scheduler)
    var options = ExplorationOptions(scheduler)
    options.reduces = !command.unreduced
    options.checksDeterminism = command.twice
    if let limit = command.limit { options.maximumSchedules = limit }
    self.options = options
    arguments = Self.arguments(of: command)
  }

  /// Whether the product's own code is to be explored, which needs its yield points.
  var needsYieldPoints: Bool { scenarios.contains { $0.kind == .product } }

  private static func scenarios(
    _ command: ExploreCommand, _ scheduler: Scheduler
  ) throws(ToolError) -> [(kind: ScenarioCatalog.Kind, scenario: Scenario)] {
    var found: [(kind: ScenarioCatalog.Kind, scenario: Scenario)] = []
    for name in command.scenarios { found.append(try ScenarioCatalog.scenario(name)) }
    if let name = command.variant {
      found.append(try ScenarioCatalog.scenario(name, of: [.variant]))
    }
    if case .replay(let replay) = scheduler {
      let named = try ScenarioCatalog.scenario(replay.scenario)
      if found.contains(where: { $0.scenario.name != replay.scenario }) || found.count > 1 {
        throw .usage("the schedule to repeat is one of '\(replay.scenario)', and of no other")
      }
      return [named]
    }
    return found.isEmpty ? ScenarioCatalog.Kind.product.scenarios.map { (.product, $0) } : found
  }

  private static func spelled<Value>(
    _ option: String, _ text: String, _ read: (String) throws(SpellingError) -> Value
  ) throws(ToolError) -> Value {
    do throws(SpellingError) {
      return try read(text)
    } catch {
      throw .usage("\(option) '\(text)', column \(error.column): \(error.message)")
    }
  }

  private static func arguments(of command: ExploreCommand) -> [String] {
    var arguments = ["explore"] + command.scenarios
    if let variant = command.variant { arguments += ["--variant", variant] }
    if let scheduler = command.scheduler { arguments += ["--scheduler", scheduler] }
    if let replay = command.replay { arguments += ["--replay", replay] }
    if let limit = command.limit { arguments += ["--limit", String(limit)] }
    if command.unreduced { arguments.append("--unreduced") }
    if command.twice { arguments.append("--twice") }
    return arguments + ["--seed", String(command.seed), "--format", command.format.rawValue]
  }
}
