import IOMMU

/// The runs of a calibration: each machine under each policy once, however often it is asked for.
actor CalibrationRuns {
  /// Runs a machine under a policy.
  typealias Run = @Sendable (MachineDescription, PolicyChoice) throws -> RunFigures

  private struct Key: Hashable {
    let values: [UInt64]
    let policy: PolicyChoice

    static func == (left: Key, right: Key) -> Bool {
      left.values == right.values && left.policy == right.policy
    }

    // Policies are few: the values spread well enough.
    func hash(into hasher: inout Hasher) { hasher.combine(values) }
  }

  private let machine: @Sendable ([UInt64]) -> MachineDescription
  private let run: Run
  private let onRun: @Sendable (Int) -> Void
  private var tasks: [Key: Task<RunFigures, any Error>] = [:]

  /// Runs of the machines that `machine` makes of values; `onRun` hears how many have begun.
  init(
    machine: @escaping @Sendable ([UInt64]) -> MachineDescription, run: @escaping Run,
    onRun: @escaping @Sendable (Int) -> Void
  ) {
    self.machine = machine
    self.run = run
    self.onRun = onRun
  }

  /// The number of different runs.
  var count: Int { tasks.count }

  /// Begins a run, if it was not begun yet.
  ///
  /// Runs are tasks of their own and go side by side; nobody has to wait here.
  func begin(_ values: [UInt64], _ policy: PolicyChoice) {
    _ = task(Key(values: values, policy: policy))
  }

  /// The figures of one run; one that is under way already is waited for.
  func figures(
    _ values: [UInt64], _ policy: PolicyChoice
  ) async throws(CalibrationError) -> RunFigures {
    let task = task(Key(values: values, policy: policy))
    do {
      return try await task.value
    } catch let error as CalibrationError {
      throw error
    } catch {
      throw CalibrationError.run("\(error)")
    }
  }

  private func task(_ key: Key) -> Task<RunFigures, any Error> {
    if let task = tasks[key] { return task }
    let description = machine(key.values)
    let task = Task.detached { [run] in try run(description, key.policy) }
    tasks[key] = task
    onRun(tasks.count)
    return task
  }
}
