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

  /// The unmap that an RPCIT of other pages belongs to: one that shares pages with it or, where
  /// `orLatest`, the latest.
  mutating func takeOther(
    _ run: PageRun, on cpu: Int, among all: [KernelStep], orLatest: Bool
  ) -> Int? {
    guard let waiting = steps[cpu], let last = waiting.indices.last else { return nil }
    let place = waiting.lastIndex {
      all[$0].first <= run.last && run.first <= all[$0].run.last
    }
    guard let place = place ?? (orLatest ? last : nil) else { return nil }
    return steps[cpu]?.remove(at: place)
  }
}

extension KernelSteps {
  /// Notes an unmap's RPCIT, of `run`, and that the unmap was done only then.
  mutating func refresh(unmap number: Int, with run: PageRun) {
    steps[number].refreshed = run
    if number == steps.count - 1 { return }
    var late = steps[number]
    steps[number].pages = 0
    late.earliest = number
    _ = append(late)
  }
}
