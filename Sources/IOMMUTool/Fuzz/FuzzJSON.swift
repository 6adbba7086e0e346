import MachineModel

/// What `fuzz` did and found, as JSON.
enum FuzzJSON {
  static func text(_ outcome: FuzzOutcome) -> String {
    let report = outcome.report
    let kinds = SimulatedKind.allCases
    func counts(_ kinds: [SimulatedKind]) -> JSONText {
      object(kinds.map { ($0.name, report.done[$0.rawValue]) })
    }
    return JSONText.object([
      ("seeds", .integer(report.seeds)),
      ("operations", .integer(report.operations)),
      ("accesses", .integer(report.accesses)),
      ("instructions", .integer(report.instructions)),
      ("done", counts(kinds.filter { !$0.isFault })),
      ("faults", counts(kinds.filter(\.isFault))),
      ("errors", object(zip(SimulatedError.allCases, report.errors).map { ($0.rawValue, $1) })),
      ("policies", object(Array(zip(SimulationReport.policyNames, report.policies)))),
      ("modifiers", object(Array(zip(FuzzNames.modifiers, report.modifiers)))),
      ("reached", object(zip(SimulatedMark.allCases, report.marks).map { ($0.rawValue, $1) })),
      ("violation", violation(outcome.failure)),
      (
        "measured",
        .object([
          ("seconds", .decimal(outcome.seconds, decimals: 3)),
          ("operationsPerSecond", .decimal(outcome.rate, decimals: 0)),
        ])
      ),
    ]).text + "\n"
  }

  private static func object(_ entries: [(String, UInt64)]) -> JSONText {
    .object(entries.map { (key: $0.0, value: .integer($0.1)) })
  }

  private static func violation(_ found: FuzzFailure?) -> JSONText {
    guard let found else { return .null }
    return .object([
      ("seed", .integer(found.failure.seed)),
      ("operation", .integer(UInt64(max(found.failure.step, 0)))),
      ("kind", .string(found.failure.kind.name)),
      ("checker", .string(found.failure.checker.name)),
      ("message", .string(found.failure.message)),
      ("replay", .string(found.replay)),
      ("shrunk", .string(found.shrunk)),
      ("story", .array(found.story.map { .string($0) })),
    ])
  }
}
