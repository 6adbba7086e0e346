import IOMMU
import Testing

@testable import MachineModel

@Suite("Exposure") struct ExposureTests {
  func exposure(
    _ policy: InvalidationPolicy, _ measure: WindowMeasure = .longest, isOpen: Bool = false
  ) -> Exposure {
    let result = Settings.result(PolicyChoice(policy), rate: 1, longest: 2_000_000, isOpen: isOpen)
    return TunedSetting(result, measure, on: Settings.machine).exposure
  }

  @Test("A longest time is as measured where the policy bounds it, and infinite where none does")
  func longest() {
    let age = InvalidationPolicy.rollover(age: .milliseconds(10), stale: nil)
    #expect(exposure(age) == Exposure(value: 2, source: .measured, atLeast: 2))
    let unbounded = Exposure(value: .infinity, source: .unbounded, atLeast: 2)
    #expect(exposure(.legacy) == unbounded)
    #expect(exposure(.rollover(age: nil, stale: StaleShare(perMille: 1))) == unbounded)
  }

  @Test("What the run did not see the end of is what the policy promises")
  func open() {
    let age = InvalidationPolicy.rollover(age: .milliseconds(10), stale: nil)
    #expect(exposure(age, isOpen: true) == Exposure(value: 12.1, source: .bound, atLeast: 2))
    #expect(exposure(age, .mean, isOpen: true).value == 12.1)
    #expect(exposure(age, .pageSeconds, isOpen: true).value == 0.0121)
    #expect(exposure(.legacy, .mean, isOpen: true).source == .unbounded)
  }

  @Test("Means and sums are as measured, bounded or not")
  func sums() {
    #expect(exposure(.legacy, .mean) == Exposure(value: 2, source: .measured, atLeast: 2))
    #expect(exposure(.legacy, .pageSeconds).value == 0.002)
  }

  @Test("The longest time is over where an open one is no longer than one that ended")
  func windowIsOver() {
    var window = StaleWindowSum()
    #expect(window.isLongestOver)
    window.add(from: 0, to: 10)
    window.add(from: 5, to: 14, isOpen: true)
    #expect(window.isLongestOver)
    window.add(from: 0, to: 10, isOpen: true)
    #expect(window.isLongestOver)
    window.add(from: 0, to: 11, isOpen: true)
    #expect(!window.isLongestOver)
  }

  @Test("No timer of a queue is later than the bound", arguments: [100, 250, 1_000] as [UInt64])
  func queueBound(hertz: UInt64) throws {
    var machine = Settings.machine
    machine.timerHertz = hertz
    var random = RandomStream(seed: hertz, name: "timers")
    for _ in 0..<2_000 {
      let now = Instant(nanoseconds: random.next(below: 1 << 40))
      let timeout = Nanoseconds(1 + random.next(below: 1 << (10 + random.next(below: 26))))
      let deadline = TimerWheel.deadline(now: now, timeout: timeout, hertz: hertz)
      let policy = PolicyChoice(.queue(entries: 256, timeout: timeout))
      let bound = try #require(policy.longestStale(on: machine))
      #expect(deadline.since(now) <= bound)
    }
  }

  @Test("With reuse, what is parked and then waits is not stale for longer than the age's bound")
  func parked() throws {
    var machine = Rig.small()
    machine.timerHertz = 1_000
    // Pages come back after 3 ms for a while and then never, between others that do not.
    var recording = Recording()
    var next: UInt64 = 0
    for step in 0..<400 as Range<UInt64> {
      let page = step % 30 < 24 ? step % 30 : 1_000 + step
      recording.map(next, at: step * 100, page: page)
      recording.unmap(next, at: step * 100 + 50)
      next += 1
    }
    let replay = try Replay(machine: machine, stream: recording.stream())
    for age in [2, 4, 7, 10] as [UInt32] {
      let policy = PolicyChoice(Settings.rollover(milliseconds: age), .reuse)
      let result = try replay.run(policy)
      let bound = try #require(policy.longestStale(on: machine))
      #expect(result.window.longestNanoseconds <= bound.rawValue)
      #expect(result.violations.isEmpty)
    }
  }
}
