import InterleavingExplorer

/// What exploring came to, as JSON: keys and their order are a promise to who reads by program.
enum ExploreJSON {
  /// The whole document, with a line end.
  static func text(_ results: [ExploreRunner.Result]) -> String {
    let schedules = results.reduce(0) { $0 + $1.report.schedules }
    return JSONText.object([
      ("schedules", .integer(schedules)),
      ("exhaustive", .boolean(results.allSatisfy(\.report.isExhaustive))),
      (
        "violations",
        .array(results.flatMap { result in result.report.violations.map { found($0, result) } })
      ),
      ("scenarios", .array(results.map(scenario))),
    ]).text + "\n"
  }

  private static func found(_ violation: Finding, _ result: ExploreRunner.Result) -> JSONText {
    .object([
      ("scenario", .string(result.scenario.name)),
      ("checker", .string(violation.checker)),
      ("message", .string(violation.message)),
      (
        "schedule",
        .array(
          violation.schedule.map { step in
            .object([("task", .string(step.task)), ("step", .string(step.what))])
          })
      ),
      ("replay", .string("\(violation.replay)")),
    ])
  }

  private static func scenario(_ result: ExploreRunner.Result) -> JSONText {
    let report = result.report
    return .object([
      ("scenario", .string(result.scenario.name)),
      ("kind", .string(result.kind.rawValue)),
      ("tasks", .array(report.tasks.map { .string($0) })),
      ("schedules", .integer(report.schedules)),
      ("exhaustive", .boolean(report.isExhaustive)),
      ("preemptions", report.preemptions.map { .integer(UInt64($0)) } ?? .null),
      ("longest", .integer(UInt64(report.longestSteps))),
      ("violations", .integer(UInt64(report.violations.count))),
    ])
  }
}
