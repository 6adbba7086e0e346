import IOMMU
import Testing

@testable import MachineModel

@Suite("What a sweep recommends") struct TuningReportTests {
  func report(_ settings: [TunedSetting], atLeast: Double = 0.95) -> TuningReport {
    TuningReport(settings, atLeast: atLeast, kind: .shadowed)
  }

  @Test("Of the settings that are fast enough, the one with the least window")
  func leastWindow() {
    let settings = [
      Settings.setting(Settings.rollover(milliseconds: 1), rate: 94, milliseconds: 1),
      Settings.setting(Settings.rollover(milliseconds: 3), rate: 95, milliseconds: 3),
      Settings.setting(Settings.rollover(milliseconds: 10), rate: 100, milliseconds: 10),
    ]
    #expect(report(settings).choice == .init(index: 1, bestRate: 100))
    #expect(report(settings, atLeast: 0.96).choice?.index == 2)
    #expect(report(settings, atLeast: 0.5).choice?.index == 0)
  }

  @Test("Of several with the same window, the simplest, and of those the fastest")
  func simplest() {
    let bounded = InvalidationPolicy.rollover(age: .milliseconds(1), stale: StaleShare(perMille: 9))
    let plain = Settings.rollover(milliseconds: 1)
    let settings = [
      Settings.setting(plain, .piggyback, rate: 100, milliseconds: 1),
      Settings.setting(bounded, rate: 100, milliseconds: 1),
      Settings.setting(plain, rate: 98, milliseconds: 1),
      Settings.setting(Settings.rollover(milliseconds: 2), rate: 99, milliseconds: 1),
    ]
    #expect(report(settings).choice?.index == 3)
  }

  @Test("Linux's choice is held against the best that Linux has")
  func linux() {
    let settings = [
      Settings.setting(Settings.rollover(milliseconds: 1), rate: 200, milliseconds: 1),
      Settings.setting(.legacy, rate: 100, milliseconds: 1),
      Settings.setting(Settings.queue(8_192, milliseconds: 100), rate: 96, milliseconds: 90),
      Settings.setting(.strict, rate: 50, milliseconds: 0),
    ]
    #expect(report(settings).linuxChoice == .init(index: 2, bestRate: 100))
    // The queue would have to be built: as it is shipped, only legacy is fast enough.
    #expect(report(settings).settableChoice == .init(index: 1, bestRate: 100))
    #expect(report([settings[0]]).linuxChoice == nil)
  }

  @Test("Families are apart, and each has its own best")
  func families() {
    let rollover = Settings.rollover(milliseconds: 1)
    let settings = [
      Settings.setting(rollover, .batch, rate: 400, milliseconds: 1),
      Settings.setting(rollover, .piggyback, rate: 100, milliseconds: 2),
      Settings.setting(Settings.queue(), rate: 90, milliseconds: 30),
      Settings.setting(.strict, rate: 50, milliseconds: 0.01),
      Settings.setting(Settings.queue(), .batch.union(.reuse), rate: 500, milliseconds: 9),
    ]
    let report = report(settings, atLeast: 0.7)
    #expect(report.families.map(\.mapSide) == [.none, .batch, .batch.union(.reuse)])
    #expect(report.families.map(\.members) == [[1, 2, 3], [0], [4]])
    #expect(report.families.map(\.rollovers) == [[1], [0], []])
    #expect(report.families.map(\.queues) == [[2], [], [4]])
    #expect(report.families[0].all == [3, 1])
    #expect(report.families.map(\.dominance.entries.count) == [1, 0, 1])
    #expect(report.families.map(\.choice?.index) == [1, 0, 4])
    #expect(report.front == [3, 0, 4])
    #expect(report.choice == .init(index: 0, bestRate: 500))
  }

  @Test("Where nothing was done there is nothing to choose")
  func nothing() {
    #expect(report([]).choice == nil)
    #expect(report([Settings.setting(.legacy, rate: 0, milliseconds: 0)]).choice == nil)
  }
}
