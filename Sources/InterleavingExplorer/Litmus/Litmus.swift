/// A small program whose every outcome is known: what the explorer itself is tested with.
///
/// An exhaustive search without a bound on preemptions must see exactly ``outcomes``, and exactly
/// the violations in ``checkers``.
public struct Litmus: Sendable {
  /// The program; its name begins with `litmus.`.
  public let scenario: Scenario
  /// What sequentially consistent interleavings lead to; empty where a violation is expected, which
  /// ends the search before all outcomes are seen.
  public let outcomes: Set<String>
  /// The checkers that find something.
  public let checkers: Set<String>

  init(
    _ name: String, _ summary: String, outcomes: Set<String> = [], checkers: Set<String> = [],
    _ body: @escaping @Sendable (Execution) -> Void
  ) {
    let expected = checkers.isEmpty ? "exactly the outcomes of" : "caught: " + Self.list(checkers)
    scenario = Scenario(
      "litmus." + name, summary,
      checks: checkers.isEmpty ? expected + " sequential consistency" : expected, body)
    self.outcomes = outcomes
    self.checkers = checkers
  }

  /// What an exhaustive, unbounded exploration found otherwise than it must; nil if nothing.
  public func mismatch(_ report: Report) -> String? {
    let found = Set(report.violations.map(\.checker))
    if found != checkers {
      return "found \(Self.list(found)) instead of \(Self.list(checkers))"
    }
    if !checkers.isEmpty { return nil }
    if !report.isExhaustive { return "the search did not end" }
    let seen = Set(report.outcomes.keys)
    let missing = outcomes.subtracting(seen)
    if !missing.isEmpty { return "never seen: \(Self.list(missing))" }
    let forbidden = seen.subtracting(outcomes)
    return forbidden.isEmpty ? nil : "must not be seen: \(Self.list(forbidden))"
  }

  private static func list(_ texts: Set<String>) -> String {
    texts.isEmpty ? "nothing" : texts.sorted().joined(separator: ", ")
  }

  /// All of them.
  public static let all: [Litmus] = memory + locks + waits + resources
}
