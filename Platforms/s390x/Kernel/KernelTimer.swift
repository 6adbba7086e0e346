import IOMMU
import Machine

/// The time-of-day clock, and the timers of one domain, which go off when somebody looks.
///
/// Context: any processor.
final class KernelTimer: DomainTimer, @unchecked Sendable {
  private struct Armed {
    var purpose: TimerPurpose
    var due: UInt64
  }

  private let lock = SpinLock()
  private let slots = FixedStorage<Armed?>(count: 32) { _ in nil }
  private let start = timeOfDay()

  /// Nanoseconds since the timer was made: 4,096 units of the clock are a microsecond.
  func now() -> Instant {
    let units = timeOfDay() &- start
    return Instant(nanoseconds: (units / 512) * 125 + (units % 512) * 125 / 512)
  }

  func arm(_ purpose: TimerPurpose, after timeout: Nanoseconds, _ precision: TimerPrecision) {
    let due = now().advanced(by: timeout).nanoseconds
    lock.withLock {
      for index in 0..<slots.count where slots[index] == nil {
        slots[index] = Armed(purpose: purpose, due: due)
        return
      }
      preconditionFailure("a domain has fewer timers than this")
    }
  }

  /// The time until the first timer is due, 0 where one is; `nil` where none is armed.
  func untilDue() -> Nanoseconds? {
    let present = now().nanoseconds
    return lock.withLock {
      var first: UInt64?
      for index in 0..<slots.count {
        if let armed = slots[index] { first = min(first ?? .max, armed.due) }
      }
      return first.map { Nanoseconds($0 > present ? $0 - present : 0) }
    }
  }

  /// Takes out one timer that is due.
  func takeDue() -> TimerPurpose? {
    let present = now().nanoseconds
    return lock.withLock {
      for index in 0..<slots.count {
        guard let armed = slots[index], armed.due <= present else { continue }
        slots[index] = nil
        return armed.purpose
      }
      return nil
    }
  }
}
