public import IOMMU

/// A clock that stands still, and a timer that never fires: time costs nothing.
///
/// Whatever waits for a time-out waits for ever.
@frozen
public struct StillTimer: DomainTimer {
  /// A timer; all are alike.
  @inlinable public init() {}

  /// The same moment each time.
  @inlinable
  public func now() -> Instant { Instant(nanoseconds: 1) }

  /// Forgets it.
  @inlinable
  public func arm(
    _ purpose: TimerPurpose, after timeout: Nanoseconds, _ precision: TimerPrecision
  ) {}
}
