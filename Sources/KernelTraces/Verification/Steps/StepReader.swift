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
/// An unmap may be interrupted by another, which then has its RPCIT first; nothing else comes
/// between an unmap and its RPCIT on one processor.
struct AwaitedRefreshes: Sendable {
  private var steps: [Int: [Int]] = [:]

  /// Says that step `number`, an unmap on `cpu`, may have an RPCIT.
  mutating func await(_ number: Int, on cpu: Int) {
    // Softirq, interrupt, machine check: deeper than that no unmaps are nested.
    var waiting = steps[cpu] ?? []
    if waiting.count == 4 { waiting.removeFirst() }
    waiting.append(number)
    steps[cpu] = waiting
  }

  /// Says that `cpu` did something else: an RPCIT that follows is not an unmap's.
  mutating func drop(_ cpu: Int) {
    steps[cpu] = nil
  }

  /// The unmap that an RPCIT of `run` on `cpu` belongs to, which waits no longer.
  mutating func take(_ run: PageRun, on cpu: Int, among all: [KernelStep]) -> Int? {
    guard let place = steps[cpu]?.lastIndex(where: { all[$0].run == run }) else { return nil }
    return steps[cpu]?.remove(at: place)
  }
}

extension KernelSteps {
  /// Notes the RPCIT of an unmap, and that the unmap was done only then.
  mutating func refresh(unmap number: Int) {
    steps[number].refreshed = steps[number].run
    if number == steps.count - 1 { return }
    var late = steps[number]
    steps[number].pages = 0
    late.earliest = number
    _ = append(late)
  }
}
