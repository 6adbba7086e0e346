public import IOMMU

/// When Linux's timer wheel fires a timer: never early, and late by up to one unit of its level.
///
/// The wheel (kernel/time/timer.c since 4.8: `calc_wheel_index`, `calc_index`, `LVL_START`) has
/// levels of 64 buckets. A bucket of level n holds 8 to the power n ticks. A timer goes to the
/// lowest level that reaches it and fires when the bucket after its own begins, so that rounding
/// down inside the level can never make it early. Timers are not moved to finer levels later.
public enum TimerWheel {
  /// 8 times coarser from level to level (`LVL_CLK_SHIFT`).
  private static let levelShiftLog2: UInt64 = 3
  /// Buckets of a level less one (`LVL_SIZE` - 1).
  private static let lastBucket: UInt64 = 63

  /// The time at which a timer armed at `now` for `timeout` fires, with `hertz` ticks a second.
  ///
  /// Ticks fall on whole multiples of the tick from the clock's zero. A timeout is rounded up to
  /// ticks first, as `msecs_to_jiffies` does. At 100 Hz, 10 ms come to more than 10 ms and at most
  /// 20 ms; 1 s is up to 80 ms late, and a tick more.
  /// - Precondition: `hertz` is 1 to 1,000,000.
  public static func deadline(now: Instant, timeout: Nanoseconds, hertz: UInt64) -> Instant {
    precondition(hertz >= 1 && hertz <= 1_000_000, "a tick rate is 1 to 1,000,000 Hz")
    let present = scaled(now.nanoseconds, by: hertz, over: second, roundUp: 0)
    let ticks = scaled(timeout.rawValue, by: hertz, over: second, roundUp: second - 1)
    let fires = bucketStart(delta: ticks, present: present, levels: hertz > 100 ? 9 : 8)
    return Instant(nanoseconds: scaled(fires, by: second, over: hertz, roundUp: hertz - 1))
  }

  /// The tick at which a timer fires that is due `delta` ticks after the tick `present`.
  static func bucketStart(delta: UInt64, present: UInt64, levels: UInt64) -> UInt64 {
    var level: UInt64 = 0
    while level < levels - 1 && delta >= lastBucket &<< (level * levelShiftLog2) { level += 1 }
    // Beyond the last level a timer is capped to the wheel's reach (`WHEEL_TIMEOUT_MAX`).
    let cutoff = lastBucket &<< ((levels - 1) * levelShiftLog2)
    let unit: UInt64 = 1 &<< (level * levelShiftLog2)
    let reached = delta >= cutoff ? cutoff - unit : delta
    return ((present &+ reached) &>> (level * levelShiftLog2) &+ 1) &<< (level * levelShiftLog2)
  }

  private static let second: UInt64 = 1_000_000_000

  /// `value` times `factor` over `divisor`, saturating, with `roundUp` added before dividing.
  private static func scaled(
    _ value: UInt64, by factor: UInt64, over divisor: UInt64, roundUp: UInt64
  ) -> UInt64 {
    var product = value.multipliedFullWidth(by: factor)
    let (low, carry) = product.low.addingReportingOverflow(roundUp)
    product = (product.high &+ (carry ? 1 : 0), low)
    if product.high >= divisor { return .max }
    return divisor.dividingFullWidth(product).quotient
  }
}
