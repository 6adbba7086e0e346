import IOMMU
import Testing

@testable import MachineModel

struct TimerWheelTests {
  private static func fires(_ nowMicroseconds: UInt64, _ milliseconds: UInt32, _ hertz: UInt64)
    -> UInt64
  {
    TimerWheel.deadline(
      now: Instant(nanoseconds: nowMicroseconds * 1_000),
      timeout: .milliseconds(milliseconds), hertz: hertz
    ).nanoseconds / 1_000
  }

  // Worked out by hand from `calc_index`: (expires >> shift) + 1 buckets of 8 to the level ticks.
  @Test(
    arguments: [
      (0, 10, 100, 20_000),  // tick 0, due 1, bucket 2
      (9_999, 10, 100, 20_000),  // the same tick
      (10_000, 10, 100, 30_000),
      (0, 100, 100, 110_000),
      (0, 620, 100, 630_000),  // 62 ticks: the last of level 0
      (0, 630, 100, 640_000),  // 63 ticks: level 1, bucket 63 / 8 + 1 = 8
      (0, 1_000, 100, 1_040_000),  // 100 / 8 + 1 = 13 buckets of 8 ticks
      (40_000, 1_000, 100, 1_120_000),  // due at tick 104, which begins a bucket: a whole one late
      (0, 4_000, 100, 4_080_000),
      (0, 5_040, 100, 5_120_000),  // 504 ticks: level 2, 504 / 64 + 1 = 8 buckets of 64
      (0, 10, 1_000, 11_000),
      (0, 1_000, 250, 1_024_000),  // 250 ticks: 250 / 8 + 1 = 32 buckets of 8 ticks of 4 ms
    ] as [(UInt64, UInt32, UInt64, UInt64)])
  func timersFireWhereTheWheelPutsThem(
    now: UInt64, timeout: UInt32, hertz: UInt64, expected: UInt64
  ) {
    #expect(Self.fires(now, timeout, hertz) == expected)
  }

  @Test func aTimerIsNeverEarlyAndLateByAtMostAnEighthAndTwoTicks() {
    var random = RandomStream(seed: 11, name: "wheel")
    for _ in 0..<20_000 {
      let hertz = [100, 250, 300, 1_000, 1_024][Int(random.next(below: 5))] as UInt64
      let now = random.next(below: 1 << 50)
      let timeout = random.next(below: 1 << (10 + random.next(below: 32)))
      let fires = TimerWheel.deadline(
        now: Instant(nanoseconds: now), timeout: Nanoseconds(timeout), hertz: hertz
      ).nanoseconds
      #expect(fires > now && fires - now >= timeout)
      #expect(fires - now - timeout <= timeout / 7 + 3 * (1_000_000_000 / hertz + 1))
    }
  }

  @Test func timesBeyondTheClockSaturate() {
    let late = TimerWheel.deadline(
      now: Instant(nanoseconds: .max), timeout: Nanoseconds(.max), hertz: 1_000_000)
    #expect(late.nanoseconds == .max)
  }
}
