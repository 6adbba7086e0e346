import IOMMU
import Testing

@Suite struct RolloverPropertyTests {
  /// 1.2 million steps in all. Apertures have 16 chunks at most, so that times are exact.
  static let settings: [RolloverDriver.Setting] = [
    .init(seed: 1, cpus: 1, basePage: 0, pages: 2_048, steps: 200_000),
    .init(seed: 2, cpus: 4, basePage: 256, pages: 2_048, steps: 200_000),
    .init(seed: 3, cpus: 2, basePage: 1_000, pages: 3_333, steps: 200_000),
    .init(seed: 4, cpus: 3, basePage: 70, pages: 300, steps: 200_000),
    .init(seed: 5, cpus: 8, basePage: 5, pages: 1_500, steps: 200_000),
    .init(seed: 6, cpus: 2, basePage: 100, pages: 40, steps: 100_000),
    .init(seed: 7, cpus: 3, basePage: 300, pages: 1_200, steps: 100_000, unfinishedMax: 12),
  ]

  @Test("Random work never breaks a promise and loses nothing", arguments: settings)
  func randomWork(setting: RolloverDriver.Setting) throws {
    var driver = RolloverDriver(setting)
    try driver.run()
    #expect(driver.answers.taken > 5_000)
    #expect(driver.answers.needed > 100)
    #expect(driver.answers.early * 50 < driver.answers.needed, "asked for too early")
    #expect(driver.answers.exhausted > 10)
    #expect(driver.answers.impossible > 10)
    #expect(driver.answers.widened > 20 || setting.pages < 100)
  }
}
