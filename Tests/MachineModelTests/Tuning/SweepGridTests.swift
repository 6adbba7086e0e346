import IOMMU
import Testing

@testable import MachineModel

@Suite("What a sweep tries") struct SweepGridTests {
  @Test("Every setting is valid and comes once", arguments: [false, true])
  func settings(isQuick: Bool) {
    let policies = SweepGrid(isQuick: isQuick).policies
    for (index, policy) in policies.enumerated() {
      #expect(policy.policy.isValid)
      #expect(!policies[..<index].contains(policy))
    }
    // Those that Linux ships, and those that the thread of 2022 measured.
    let shipped: [InvalidationPolicy] = [
      .strict, .legacy, .legacyStrict, Settings.queue(256, milliseconds: 10),
      .singleQueue(entries: 32_768, timeout: .milliseconds(1_000)),
    ]
    for policy in shipped { #expect(policies.contains(PolicyChoice(policy))) }
    if isQuick { return #expect(policies.count < 40) }
    #expect(policies.contains(PolicyChoice(Settings.queue(8_192, milliseconds: 100))))
    #expect(policies.contains(PolicyChoice(Settings.queue(32_768, milliseconds: 4_000))))
  }

  @Test("A part is the same by itself as among others, whatever the order asked for")
  func parts() {
    let all = SweepGrid.Part.allCases
    #expect(all.flatMap { SweepGrid(parts: [$0]).policies } == SweepGrid().policies)
    #expect(SweepGrid(parts: all.reversed()) == SweepGrid())
    #expect(SweepGrid(parts: [.queue]).policies.allSatisfy { $0.isQueue })
    #expect(SweepGrid(parts: [.batch]).policies.allSatisfy { $0.mapSide == .batch })
  }

  func report(_ rates: [(UInt32, Double)]) -> TuningReport {
    let settings = rates.map {
      Settings.setting(
        Settings.rollover(milliseconds: $0.0), rate: $0.1, milliseconds: Double($0.0))
    }
    return TuningReport(settings, atLeast: 0.95, kind: .shadowed)
  }

  @Test("Between neighbours whose rate differs, the age in the middle is tried next")
  func refinement() {
    let next = SweepRefinement.next(after: report([(1, 50), (4, 90), (16, 100), (64, 100)]))
    #expect(
      next == [2, 8].map { PolicyChoice(.rollover(age: .milliseconds($0), stale: nil)) })
  }

  @Test("A step is small enough where it neither changes the rate nor passes the share asked for")
  func enough() {
    #expect(SweepRefinement.next(after: report([(1, 99), (4, 100)])).isEmpty)
    #expect(SweepRefinement.next(after: report([(10, 50), (12, 100)])).isEmpty)
    // From 94.5 to 95.5 is little, but the share of 0.95 lies between.
    #expect(SweepRefinement.next(after: report([(1, 94.5), (4, 95.5), (9, 100)])).count == 2)
    #expect(SweepRefinement.next(after: report([])).isEmpty)
  }

  @Test("The middle has two digits and lies between")
  func middle() {
    #expect(SweepRefinement.middle(1_000_000, 10_000_000) == 3_200_000)
    #expect(SweepRefinement.middle(100_000, 320_000) == 180_000)
    var random = RandomStream(seed: 1, name: "middles")
    for _ in 0..<1_000 {
      let below = 100 + random.next(below: 1 << 40)
      let above = UInt64(Double(below) * (SweepRefinement.closest + 0.01)) + 1
      let middle = SweepRefinement.middle(below, above)
      #expect(below < middle && middle < above)
    }
  }
}
