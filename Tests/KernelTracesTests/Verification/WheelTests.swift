import TestSupport
import Testing

@testable import KernelTraces

@Suite("The timer wheel of a recorded kernel")
struct WheelTests {
  private static let ticks: [UInt64] = [100, 250, 300, 1_000].map { 1_000_000_000 / $0 }

  @Test("once it has seen a timer go off, predicts as Linux's rule says", arguments: ticks)
  func exact(_ tick: UInt64) {
    var random = SplitMix64(seed: tick)
    for timeout in [10_000_000, 100_000_000, 620_000_000, 1_000_000_000, 4_000_000_000] as [UInt64]
    {
      // A moment of a coarse tick is one of every finer tick as well, but not the other way round,
      // so the phase is one of the level's own.
      let naive = NaiveWheel(tick: tick, phase: random.next() % 1_000_000_000)
      var wheel = TimerWheel(hertz: 1_000_000_000 / tick, timeout: timeout)
      wheel.learn(naive.expiry(setAt: 5_000_000_000, timeout: timeout))
      for _ in 0..<50 {
        let set = 5_000_000_000 + random.next() % 60_000_000_000
        #expect(wheel.expiry(setAt: set) == naive.expiry(setAt: set, timeout: timeout))
      }
    }
  }

  @Test("before that is off by at most half of what the level leaves open", arguments: ticks)
  func firstGuess(_ tick: UInt64) {
    var random = SplitMix64(seed: tick + 1)
    for _ in 0..<200 {
      let naive = NaiveWheel(tick: tick, phase: random.next() % 1_000_000_000)
      let wheel = TimerWheel(hertz: 1_000_000_000 / tick, timeout: 1_000_000_000)
      let set = 5_000_000_000 + random.next() % 60_000_000_000
      let guess = wheel.expiry(setAt: set)
      let truth = naive.expiry(setAt: set, timeout: 1_000_000_000)
      #expect(max(guess, truth) - min(guess, truth) <= wheel.granule / 2 + tick)
    }
  }

  @Test("learns the earlier of two moments, because nothing goes off early")
  func delays() {
    let naive = NaiveWheel(tick: 10_000_000, phase: 0)
    var wheel = TimerWheel(hertz: 100, timeout: 1_000_000_000)
    let late = naive.expiry(setAt: 5_000_000_000, timeout: 1_000_000_000) + 3_000_000
    wheel.learn(late)
    wheel.learn(naive.expiry(setAt: 9_000_000_000, timeout: 1_000_000_000))
    wheel.learn(naive.expiry(setAt: 12_000_000_000, timeout: 1_000_000_000) + 2_000_000)
    #expect(
      wheel.expiry(setAt: 20_001_000_000)
        == naive.expiry(setAt: 20_001_000_000, timeout: 1_000_000_000))
  }

  @Test("of several rates the one that wrote the timers fits best", arguments: ticks)
  func rates(_ tick: UInt64) {
    let naive = NaiveWheel(tick: tick, phase: 777_777)
    var fit = WheelFit(timeout: 1_000_000_000, hertz: nil)
    var random = SplitMix64(seed: 4)
    var time: UInt64 = 3_000_000_000
    for _ in 0..<30 {
      time += 1_000_000_000 + random.next() % 5_000_000_000
      let expiry = naive.expiry(setAt: time, timeout: 1_000_000_000)
      fit.compare(setAt: time, wentOffAt: expiry)
      time = expiry
    }
    #expect(fit.compared == 30)
    #expect(fit.tick == tick)
    #expect(fit.worstOffset <= 8 * tick)
  }

  @Test("a rate that is told is not doubted, and a wrong one shows")
  func told() {
    let naive = NaiveWheel(tick: 1_000_000, phase: 0)
    var fit = WheelFit(timeout: 1_000_000_000, hertz: 100)
    for time in stride(from: 3_000_000_000 as UInt64, to: 60_000_000_000, by: 1_234_567_891) {
      fit.compare(setAt: time, wentOffAt: naive.expiry(setAt: time, timeout: 1_000_000_000))
    }
    #expect(fit.hertz == 100)
    #expect(fit.worstOffset > 20_000_000)
  }

  @Test("times and time-outs at the end of the clock do not trap")
  func extremes() {
    for hertz in [0, 1, 3, 250, 100_000] as [UInt64] {
      for timeout in [0, 1, 1_000_000_000, UInt64.max / 2, .max] {
        var wheel = TimerWheel(hertz: hertz, timeout: timeout)
        for time in [0, 1, UInt64.max / 2, .max - 1, .max] {
          _ = wheel.expiry(setAt: time)
          wheel.learn(time)
          _ = wheel.expiry(setAt: time)
        }
      }
    }
    var fit = WheelFit(timeout: .max, hertz: nil)
    fit.compare(setAt: .max, wentOffAt: 0)
    fit.compare(setAt: 0, wentOffAt: .max)
    #expect(fit.deadline(setAt: .max) == .max)
  }
}
