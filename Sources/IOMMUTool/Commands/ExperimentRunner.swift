import IOMMU
import MachineModel

/// Does the work of `compare` and `replay`.
enum Experiment {
  /// The workloads that can be named; the first is the default.
  static let workloads = ["nvme-read-4k"]

  /// Runs the request's work under each of its policies.
  static func run(
    _ request: ExperimentRequest, _ progress: Progress
  ) async throws(ToolError) -> Comparison {
    var rows: [ComparisonRow] = []
    for policy in request.policies {
      let spelling = PolicySpelling.spelling(of: policy)
      progress.show(spelling)
      rows.append(
        ComparisonRow(
          policy: spelling, iops: nil, relative: nil, published: nil,
          invalidations: .init(map: 0, unmap: 0, global: 0), invalidationsPerIO: nil,
          staleWindow: .init(maxMilliseconds: nil, meanMilliseconds: nil, pageSeconds: nil),
          latencyMicroseconds: .init(p50: nil, p99: nil, p999: nil)))
    }
    return Comparison(
      machine: request.machine.name, workload: request.workload.label,
      reference: PolicySpelling.spelling(of: PolicyChoice(.legacy)), rows: rows)
  }
}
