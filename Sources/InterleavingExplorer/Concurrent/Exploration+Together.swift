/// Runs on real threads, all at the same time.
extension Exploration {
  /// Does run number `run` with all its tasks at once.
  func runTogether(_ run: Int, seed: UInt64) {
    guard let race else { preconditionFailure("an exploration of schedules") }
    let execution = setUp()
    if !race.isViolated, !execution.bodies.isEmpty {
      let count = execution.bodies.count
      race.begin()
      let threads = racingThreads(count)
      for (task, thread) in threads.enumerated() {
        thread.context.execution = execution
        thread.context.shaker = ThreadShaker(
          seed: seed, run: run, task: task, name: "\(scenario.name), \(execution.names[task])")
      }
      for thread in threads { thread.baton.pass() }
      for _ in threads { race.ended.take() }
    }
    if !race.isViolated { end(execution) }
  }

  /// On a thread of its own: task number `task` from its begin to its end.
  func carryTogether(_ carrier: Carrier, _ task: Int) {
    guard let race, let execution = carrier.context.execution else { return }
    race.startTogether(execution.bodies.count)
    carrier.context.shaker?.beforeStart()
    execution.bodies[task]()
    // The run is over for this thread: nothing of it is kept until the next one.
    carrier.context.execution = nil
    carrier.context.shaker = nil
    race.ended.pass()
  }
}
