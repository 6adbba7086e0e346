import InterleavingExplorer
import InterleavingScenarios

/// Does the work of `scale`: one run after another, as many at once as there are processors.
enum ScaleRunner {
  /// What came of one policy on so many processors.
  struct Row: Sendable {
    let policy: ScalingPolicy
    let cpus: Int
    let report: LineReport
    /// Against the same policy on one processor, where that was run.
    var relative: Double?
  }

  /// Runs everything; rows are in the order of the request.
  static func run(_ request: ScaleRequest, _ progress: Progress) async -> [Row] {
    let jobs = request.policies.flatMap { policy in request.cpus.map { (policy, $0) } }
    var rows = [Row?](repeating: nil, count: jobs.count)
    // Before anybody else is in the core.
    prepareForExploration()
    await withTaskGroup(of: (Int, LineReport).self) { tasks in
      var next = 0
      var done = 0
      func add() {
        if next == jobs.count { return }
        let (index, policy) = (next, jobs[next].0)
        var run = request.run
        run.processors = jobs[next].1
        next += 1
        tasks.addTask { [run] in (index, run.run(policy)) }
      }
      for _ in 0..<processors { add() }
      for await (index, report) in tasks {
        done += 1
        progress.show("\(done) of \(jobs.count) runs")
        rows[index] = Row(policy: jobs[index].0, cpus: jobs[index].1, report: report)
        add()
      }
    }
    var result = rows.compactMap { $0 }
    for index in result.indices {
      let alone = result.first { $0.policy == result[index].policy && $0.cpus == 1 }
      if let alone { result[index].relative = result[index].report.rate / alone.report.rate }
    }
    return result
  }
}
