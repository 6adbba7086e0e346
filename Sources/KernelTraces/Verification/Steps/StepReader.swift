/// Something that turns a trace's events into steps.
protocol StepReader {
  /// The steps so far.
  var result: KernelSteps { get }

  /// Takes in the next event.
  mutating func consume(_ event: TraceEvent)

  /// Ends the trace.
  mutating func finish()
}

/// The unmaps whose RPCIT is still to come, by processor.
///
/// An interrupt that unmaps runs to its end before the processor does anything else, so that the
/// next RPCIT there is the unmap's or there is none.
struct AwaitedRefreshes: Sendable {
  private var steps: [Int: Int] = [:]

  /// Says that step `number`, an unmap on `cpu`, may have an RPCIT.
  mutating func await(_ number: Int, on cpu: Int) {
    steps[cpu] = number
  }

  /// Says that `cpu` did something else: an RPCIT that follows is not the unmap's.
  mutating func drop(_ cpu: Int) {
    steps[cpu] = nil
  }

  /// The unmap that an RPCIT of `run` on `cpu` belongs to, which waits no longer.
  mutating func take(_ run: PageRun, on cpu: Int, among all: [KernelStep]) -> Int? {
    guard let number = steps.removeValue(forKey: cpu), all[number].run == run else { return nil }
    return number
  }
}
