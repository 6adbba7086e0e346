import IOMMU
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Shakes the timing of a real thread at its yield points; of that thread alone.
final class ThreadShaker {
  private var numbers: SplitMix
  private let task: String
  /// Touched by nothing else: something to do that a compiler does not leave out.
  private let pause = Atomic<Int>(0)
  /// How often the thread has waited since it last did anything else.
  private var waits = 0

  /// Some minutes, even where letting others run returns at once.
  private static var maximumWaits: Int { 1_000_000_000 }

  /// The generator depends on all three numbers; `name` tells the task where it waits for ever.
  init(seed: UInt64, run: Int, task: Int, name: String) {
    let stream = UInt64(run) &* UInt64(Execution.maximumTasks) &+ UInt64(task)
    numbers = SplitMix(seed: seed, run: stream)
    self.task = name
  }

  /// A delay before the first step, of up to some microseconds.
  func beforeStart() {
    spin(numbers.next(below: 4_096))
  }

  /// The thread has reached a yield point.
  func reached(_ kind: StepKind) {
    if kind == .wait {
      waits += 1
      precondition(waits < Self.maximumWaits, "\(task) waits for ever")
      return Self.letOthersRun()
    }
    waits = 0
    switch numbers.next(below: 64) {
    case 0..<4: Self.letOthersRun()
    case 4..<12: spin(numbers.next(below: 512))
    default: break
    }
  }

  /// Gives the processor to another thread, if one wants it.
  static func letOthersRun() {
    _ = sched_yield()
  }

  private func spin(_ count: Int) {
    for _ in 0..<count { pause.wrappingAdd(0, ordering: .relaxed) }
  }
}
