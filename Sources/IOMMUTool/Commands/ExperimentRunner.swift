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
    let outcomes = await PolicyRuns.outcomes(of: needed, work) { done in
      progress.show("\(done) of \(needed.count) policies")
    }
    let results = try PolicyRuns.results(outcomes)
    let base = results.first { $0.policy == reference }?.rate
    var comparison = Comparison(
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
      notes: work.notes + PolicyRuns.restrictions(results))
    comparison.malformed = work.malformed
    return comparison
  }

  /// The figures of the thread of September 2022, for the machine and work that it measured.
  private static func published(_ policy: PolicyChoice, _ request: ExperimentRequest) -> Double? {
    guard request.machine.name == "zvm", request.workload == .named(Workload.randomRead.name) else {
      return nil
    }
    return PublishedFigures.relativeIOPS(of: policy)
  }
}
