import IOMMU
import MachineModel

/// Everything that an experiment's result depends on.
struct ExperimentRequest: Sendable {
  /// The machine that the work is done on.
  var machine: MachineDescription

  /// The work.
  var workload: WorkloadChoice

  /// The policies to compare, in the order of the result's rows.
  var policies: [PolicyChoice]

  /// Where random numbers start.
  var seed: UInt64

  /// The requests to measure on a machine that works in rounds.
  var requests: UInt64 = 4_096
}

/// The work to do: made up, or recorded.
enum WorkloadChoice: Equatable, Sendable {
  /// One of ``names``.
  case named(String)
  /// A trace; the file could be opened.
  case trace(path: String)

  /// The names that are known; the first is the default.
  static let names = Workload.all.map(\.name)

  /// The workload that `text` names, or the trace at that path.
  ///
  /// A text with a slash or a point is a path; so is that of a file that exists.
  init(_ text: String) throws(ToolError) {
    if WorkloadChoice.names.contains(text) {
      self = .named(text)
      return
    }
    if !text.contains("/"), !text.contains("."), !InputFile.exists(text) {
      let hint = NearestName.hint(for: text, among: WorkloadChoice.names)
      throw .usage("unknown workload '\(text)'; \(hint)")
    }
    try InputFile.checkReadable(text)
    self = .trace(path: text)
  }

  /// What the result calls it.
  var label: String {
    switch self {
    case .named(let name): name
    case .trace(let path): path
    }
  }
}

/// A request that is ready to be run.
struct PreparedExperiment: Sendable {
  /// Runs the work under one policy; may be called any number of times at once.
  var run: @Sendable (PolicyChoice) throws -> ExperimentResult

  /// Lines for people about the work.
  var notes: [String] = []

  /// Lines of a trace that were passed over.
  var malformed: MalformedLines?
}

extension ExperimentRequest {
  /// Reads what the work is made of, once for all policies.
  func prepare(_ progress: Progress) async throws(ToolError) -> PreparedExperiment {
    switch workload {
    case .named(let name):
      guard let work = Workload.all.first(where: { $0.name == name }) else {
        throw .usage("unknown workload '\(name)'")
      }
      var experiment = Experiment(machine: machine, workload: work, seed: seed)
      experiment.requests = requests
      return PreparedExperiment(
        run: { [experiment] policy in try experiment.run(policy) }, notes: roundNotes)
    case .trace(let path):
      let trace = try await RecordedTrace(path, progress)
      do throws(ReplayError) {
        let replay = try Replay(machine: machine, stream: trace.stream)
        return PreparedExperiment(
          run: { policy in try replay.run(policy) }, notes: trace.notes,
          malformed: trace.malformed)
      } catch {
        throw .usage("\(path) on machine \(machine.name): \(error)")
      }
    }
  }
}
