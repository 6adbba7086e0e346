import IOMMU
import MachineModel
import Synchronization
import ZPCI

/// What a domain is bound to in a scenario: the product's formats and driver over a machine that
/// tasks share.
enum ScenarioPlatform: DMAPlatform {
  typealias Format = S390ThreeLevel
  typealias Memory = SharedMemory
  typealias Control = ZPCIFunction<SharedMachine>
  typealias Timer = ScenarioTimer
  typealias Observer = ScenarioObserver
}

/// A clock that the scenario moves, and timers that go off when the scenario says so.
///
/// Time does not depend on the interleaving: it stands still but for ``advance(by:)``.
final class ScenarioTimer: DomainTimer {
  private let time = Atomic<UInt64>(1_000_000)

  func now() -> Instant { Instant(nanoseconds: time.load(ordering: .relaxed)) }

  /// Whatever a domain arms, a task of the scenario decides when it fires.
  func arm(_ purpose: TimerPurpose, after timeout: Nanoseconds, _ precision: TimerPrecision) {}

  func advance(by duration: Nanoseconds) {
    time.wrappingAdd(duration.rawValue, ordering: .relaxed)
  }
}
