import IOMMU
import Machine
import Synchronization

/// The processors of the machine that take part: the first one has work, the others wait for it.
///
/// Context: all but ``serve(_:)`` is for the first processor.
final class Processors: @unchecked Sendable {
  /// Those of this machine; made by the first processor before it starts another.
  static let all = Processors()

  /// How many take part, the first one included.
  private(set) var count = 1
  /// What is to be done; nothing where the others are to end.
  ///
  /// Written while they wait.
  private let work = FixedStorage<((CPUIndex) -> Void)?>(count: 1) { _ in nil }
  /// How often there was something to do.
  private let orders = Atomic<Int>(0)
  /// How many of the others have done it.
  private let finished = Atomic<Int>(0)

  private init() {}

  /// Starts processors until `wanted` take part.
  func start(_ wanted: Int) throws(Failure) {
    while count < wanted {
      if !machineHasProcessor(UInt16(count)) || !machineStartProcessor(UInt16(count)) {
        throw .processor(count)
      }
      count += 1
    }
  }

  /// Has all processors do `body`, each with its own number, and returns when all have.
  func run(_ body: @escaping (CPUIndex) -> Void) {
    order(body)
    body(.boot)
    join()
  }

  /// Ends all processors but the first.
  func dismiss() {
    order(nil)
    join()
    count = 1
  }

  /// What another processor does from its start to its end.
  func serve(_ cpu: CPUIndex) {
    var done = 0
    var goesOn = true
    while goesOn {
      // A signal that comes after this look ends the wait: interruptions are disabled until then.
      // Acquiring: with the order, what is to be done is seen.
      let latest = orders.load(ordering: .acquiring)
      if latest == done {
        Wait.forSignal()
        continue
      }
      done = latest
      goesOn = perform(on: cpu)
      // Releasing: whoever sees the count sees what was done.
      finished.add(1, ordering: .releasing)
      machineSignal(0)
    }
  }

  /// A function of its own, so that nothing of the work is held any more when it is reported.
  private func perform(on cpu: CPUIndex) -> Bool {
    guard let body = work[0] else { return false }
    body(cpu)
    return true
  }

  private func order(_ body: ((CPUIndex) -> Void)?) {
    work[0] = body
    finished.store(0, ordering: .relaxed)
    orders.add(1, ordering: .releasing)
    for other in 1..<max(count, 1) { machineSignal(UInt16(other)) }
  }

  private func join() {
    // As in `serve`.
    while finished.load(ordering: .acquiring) < count - 1 { Wait.forSignal() }
    work[0] = nil
  }
}
