import IOMMU
import MachineModel

/// Does the work of `compare` and `replay`: one run for each policy, and rows relative to `legacy`.
enum ExperimentRunner {
  /// What `relative` refers to.
  static let reference = PolicyChoice(.legacy)

  /// Runs the request's work under each of its policies, and under the reference.
  ///
  /// Runs share nothing and go side by side, as many as there are processors; rows come in the
  /// order asked for, so that the result does not depend on who was first.
  static func run(
    _ request: ExperimentRequest, _ progress: Progress
  ) async throws(ToolError) -> Comparison {
    let needed =
      request.policies + (request.policies.contains(reference) ? [] : [reference])
    let work = try await request.prepare(progress)
    let results = try await results(of: needed, work, progress)
    try check(results)
    let base = results.first { $0.policy == reference }?.rate
    return Comparison(
      machine: request.machine.name, workload: request.workload.label,
      reference: PolicySpelling.spelling(of: reference),
      rows: results.prefix(request.policies.count).map {
        var row = ComparisonRow(
          $0, named: PolicySpelling.spelling(of: $0.policy), relativeTo: base,
          published: published($0.policy, request))
        row.publishedIsUpperBound =
          row.published != nil && PublishedFigures.isUpperBound($0.policy)
        return row
      },
      notes: work.notes + restrictions(results))
  }

  /// Says of which policies the device got a stricter one than was asked for, and why.
  private static func restrictions(_ results: [ExperimentResult]) -> [String] {
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

  private static func results(
    of policies: [PolicyChoice], _ work: PreparedExperiment, _ progress: Progress
  ) async throws(ToolError) -> [ExperimentResult] {
    var results: [ExperimentResult?] = Array(repeating: nil, count: policies.count)
    do {
      try await withThrowingTaskGroup(of: (Int, ExperimentResult).self) { tasks in
        for (index, policy) in policies.enumerated() {
          tasks.addTask { (index, try work.run(policy)) }
        }
        var done = 0
        for try await (index, result) in tasks {
          results[index] = result
          done += 1
          progress.show("\(done) of \(policies.count) policies")
        }
      }
    } catch {
      throw ToolError.checkFailed("\(error)")
    }
    return results.compactMap { $0 }
  }

  /// Fails if a run shows that the stack itself is wrong: its figures would mean nothing.
  static func check(_ results: [ExperimentResult]) throws(ToolError) {
    for result in results {
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
  }

  /// The figures of the thread of September 2022, for the machine and work that it measured.
  private static func published(_ policy: PolicyChoice, _ request: ExperimentRequest) -> Double? {
    guard request.machine.name == "zvm", request.workload == .named(Workload.randomRead.name) else {
      return nil
    }
    return PublishedFigures.relativeIOPS(of: policy)
  }
}
