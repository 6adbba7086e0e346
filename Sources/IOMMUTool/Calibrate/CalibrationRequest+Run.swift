import IOMMU
import MachineModel

extension CalibrationRequest {
  /// Fits the constants.
  ///
  /// The measurement is that of `compare`, whole: a machine file with the result gives the same
  /// figures there, digit for digit.
  func result(_ progress: Progress) async throws(ToolError) -> CalibrationResult {
    let work = try await work(progress)
    let calibration = Calibration(
      constants: constants, points: file.points.map(\.value), reference: file.reference,
      machine: { values in machine(values) },
      run: { machine, policy in
        let result = try work(machine, policy)
        try Self.check(result, policy)
        return RunFigures(result)
      })
    do throws(CalibrationError) {
      return try await calibration.result { progress.show("\($0) runs") }
    } catch {
      throw .checkFailed("\(label): \(error)")
    }
  }

  private typealias Work = @Sendable (MachineDescription, PolicyChoice) throws -> ExperimentResult

  /// What is run; a trace is read once.
  private func work(_ progress: Progress) async throws(ToolError) -> Work {
    switch workload {
    case .named(let name):
      guard let work = Workload.all.first(where: { $0.name == name }) else {
        throw .usage("unknown workload '\(name)'")
      }
      return { [seed = file.seed] machine, policy in
        try Experiment(machine: machine, workload: work, seed: seed).run(policy)
      }
    case .trace(let path):
      let stream = try await RecordedTrace(path, progress).stream
      return { machine, policy in try Replay(machine: machine, stream: stream).run(policy) }
    }
  }

  /// Fails where the run shows that the stack is wrong, or where another policy was run.
  private static func check(
    _ result: ExperimentResult, _ policy: PolicyChoice
  ) throws(CalibrationError) {
    do throws(ToolError) {
      try PolicyRuns.check(result)
    } catch {
      throw .run(error.message)
    }
    if result.resolution.restriction != nil {
      throw .run("\(PolicySpelling.spelling(of: policy)) is not what the device is given")
    }
  }
}
