import IOMMU
import Testing

@testable import MachineModel

@Suite("Dominance of rollover over flush queues") struct DominanceTests {
  @Test("The counterpart is the shortest window among those with no fewer requests")
  func counterpart() throws {
    let settings = [
      Settings.setting(Settings.queue(), rate: 100, milliseconds: 50),
      Settings.setting(Settings.rollover(milliseconds: 1), rate: 99, milliseconds: 1),
      Settings.setting(Settings.rollover(milliseconds: 4), rate: 100, milliseconds: 4),
      Settings.setting(Settings.rollover(milliseconds: 9), rate: 200, milliseconds: 9),
    ]
    let entry = try #require(Dominance(settings).entries.first)
    #expect(entry == .init(queue: 0, rollover: 2, windowRatio: 12.5, rateRatio: 1))
    #expect(Dominance(settings).exceptions.isEmpty)
  }

  @Test("A queue that is faster than all, or exposes little more, is an exception")
  func exceptions() {
    let settings = [
      Settings.setting(Settings.queue(256), rate: 300, milliseconds: 50),
      Settings.setting(Settings.queue(1_024), rate: 100, milliseconds: 39),
      Settings.setting(Settings.queue(8_192), rate: 100, milliseconds: 40),
      Settings.setting(Settings.rollover(milliseconds: 4), rate: 200, milliseconds: 4),
    ]
    let dominance = Dominance(settings)
    #expect(dominance.exceptions.map(\.queue) == [0, 1])
    #expect(dominance.exceptions.map(\.rollover) == [nil, 3])
    #expect(dominance.worst?.queue == 0)
  }

  @Test("Settings that ask different things of drivers are not held against each other")
  func mapSide() {
    let settings = [
      Settings.setting(Settings.queue(), rate: 100, milliseconds: 50),
      Settings.setting(Settings.queue(), .batch, rate: 100, milliseconds: 50),
      Settings.setting(Settings.rollover(milliseconds: 1), .batch, rate: 400, milliseconds: 1),
      Settings.setting(Settings.rollover(milliseconds: 2), .piggyback, rate: 400, milliseconds: 2),
    ]
    #expect(Dominance(settings).entries.map(\.rollover) == [3, 2])
  }

  @Test("An unbounded window shortens nothing; where neither has one, neither is better")
  func extremes() {
    let unbounded = InvalidationPolicy.rollover(age: nil, stale: nil)
    let settings = [
      Settings.setting(Settings.queue(), rate: 100, milliseconds: 50),
      Settings.setting(unbounded, rate: 100, milliseconds: 1),
    ]
    #expect(Dominance(settings).entries.first?.windowRatio == 0)
    let none = [
      Settings.setting(Settings.queue(), rate: 100, milliseconds: 0),
      Settings.setting(Settings.rollover(milliseconds: 1), rate: 100, milliseconds: 0),
    ]
    #expect(Dominance(none).entries.first?.windowRatio == 1)
  }

  @Test("A queue counts with what was seen, a rollover with what it may come to")
  func openWindows() {
    let settings = [
      Settings.setting(Settings.queue(), rate: 100, milliseconds: 8, isOpen: true),
      Settings.setting(
        Settings.rollover(milliseconds: 1), rate: 100, milliseconds: 0.5, isOpen: true),
    ]
    // 1.3 ms is what an age of 1 ms promises.
    #expect(settings[1].exposure.value == 1.3)
    #expect(Dominance(settings).entries.first?.windowRatio == 8 / 1.3)
  }

  @Test("It agrees with looking at every pair", arguments: 1...20)
  func againstOracle(seed: Int) {
    var random = RandomStream(seed: UInt64(seed), name: "settings")
    let settings = (0..<60).map { index -> TunedSetting in
      let rate = Double(1 + random.next(below: 20))
      let modifiers = PolicyModifiers(rawValue: UInt8(random.next(below: 8)))
      let window = Double(1 + random.next(below: 400))
      return random.next(below: 2) == 0
        ? Settings.setting(Settings.queue(), modifiers, rate: rate, milliseconds: window)
        : Settings.setting(
          Settings.rollover(milliseconds: 1), modifiers, rate: rate, milliseconds: window / 10)
    }
    for entry in Dominance(settings).entries {
      let queue = settings[entry.queue]
      let isDominated = settings.contains {
        $0.policy.isRollover && $0.policy.mapSide == queue.policy.mapSide
          && $0.rate >= queue.rate
          && queue.exposure.atLeast / $0.exposure.value >= Dominance.factor
      }
      #expect(entry.isDominated == isDominated)
    }
  }
}
