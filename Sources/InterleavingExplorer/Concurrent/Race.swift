import Synchronization

/// What the real threads of a run share, apart from what the scenario makes.
final class Race: @unchecked Sendable {
  /// What the run has reported so far; the first few are kept.
  private var reported: [Violation] = []
  /// Guards them.
  private let gate = ThreadGate()
  /// The tasks that have come to the line they start from.
  private let ready = Atomic<Int>(0)
  /// Passed by each task that ends.
  let ended = Baton()

  /// What the run has reported, in that order.
  var violations: [Violation] { gate.withLock { reported } }

  /// Whether the run has reported anything.
  var isViolated: Bool { !violations.isEmpty }

  /// Notes a violation.
  func report(_ violation: Violation) {
    gate.withLock { if reported.count < 16 { reported.append(violation) } }
  }

  /// Before the first task of a run starts.
  func begin() {
    ready.store(0, ordering: .relaxed)
  }

  /// Waits until `count` tasks are here.
  func startTogether(_ count: Int) {
    ready.add(1, ordering: .acquiringAndReleasing)
    while ready.load(ordering: .acquiring) < count { ThreadShaker.letOthersRun() }
  }
}
