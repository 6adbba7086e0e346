import IOMMU
import Machine

/// Giving the processor away until something happens.
enum Wait {
  /// The longest that anything may take which is waited for by looking.
  static var patience: Nanoseconds { .milliseconds(1_000) }

  /// Waits for an interruption, or until `timeout` has passed.
  static func forInterruption(atMost timeout: Nanoseconds) {
    // 4,096 units of the clock are a microsecond.
    setClockComparator(timeOfDay() &+ timeout.rawValue / 125 &* 512)
    machineWait()
  }

  /// Waits for another processor's signal, and leaves devices to the others.
  static func forSignal() {
    setClockComparator(.max)
    machineWaitForSignal()
  }
}
