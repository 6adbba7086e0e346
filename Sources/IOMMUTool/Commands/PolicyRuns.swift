import IOMMU
import MachineModel

/// Runs the same work under many policies, side by side.
enum PolicyRuns {
  /// What each run gave or why it could not be done, in the order of `policies`.
  ///
  /// Runs share nothing and go side by side, `width` at most and as many as there are processors;
  /// the answer does not depend on who is first. `onDone` is told the number of runs that are over.
  static func outcomes(
    of policies: [PolicyChoice], _ work: PreparedExperiment, width: Int = .max,
    onDone: (Int) -> Void = { _ in }
  ) async -> [Result<ExperimentResult, any Error>] {
    typealias Outcome = Result<ExperimentResult, any Error>
    var outcomes: [Outcome?] = Array(repeating: nil, count: policies.count)
    await withTaskGroup(of: (Int, Outcome).self) { tasks in
      var rest = Array(policies.enumerated())[...]
      func start() {
        guard let (index, policy) = rest.popFirst() else { return }
        tasks.addTask { (index, Outcome { try work.run(policy) }) }
      }
      for _ in 0..<min(max(width, 1), policies.count) { start() }
      var done = 0
      for await (index, outcome) in tasks {
        outcomes[index] = outcome
        done += 1
        onDone(done)
        start()
      }
    }
    return outcomes.compactMap { $0 }
  }

  /// The results, where all runs could be done and none shows that the stack itself is wrong.
  ///
  /// Throws: `checkFailed` for the first that is not so: its figures would mean nothing.
  static func results(
    _ outcomes: [Result<ExperimentResult, any Error>]
  ) throws(ToolError) -> [ExperimentResult] {
    var results: [ExperimentResult] = []
    for outcome in outcomes {
      switch outcome {
      case .success(let result):
        try check(result)
        results.append(result)
      case .failure(let error): throw .checkFailed("\(error)")
      }
    }
    return results
  }

  /// Throws `checkFailed` if the run shows that the stack itself is wrong.
  static func check(_ result: ExperimentResult) throws(ToolError) {
    let name = PolicySpelling.spelling(of: result.policy)
    if let violation = result.violations.first {
      throw .checkFailed("\(name): \(violation)")
    }
    if result.badRequests > 0 {
      throw .checkFailed("\(name): \(result.badRequests) requests failed or had wrong data")
    }
    if !result.audit.isBalanced {
      let audit = result.audit
      throw .checkFailed(
        "\(name): invalidations do not add up: domain \(audit.domain), driver \(audit.driver), "
          + "machine \(audit.machine)")
    }
  }

  /// Says of which policies the device got a stricter one than was asked for, and why.
  static func restrictions(_ results: [ExperimentResult]) -> [String] {
    results.compactMap { result in
      guard let restriction = result.resolution.restriction else { return nil }
      let asked = PolicySpelling.spelling(of: result.policy)
      let given = PolicySpelling.spelling(of: PolicyChoice(result.resolution.policy))
      switch restriction {
      case .cannotDefer:
        return "\(asked): ran as \(given), for the function cannot defer invalidations"
      case .untrusted: return "\(asked): ran as \(given), for the device is not trusted"
      }
    }
  }
}
