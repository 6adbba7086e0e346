import IOMMU
import Testing

@testable import MachineModel

@Suite("What Linux needs set") struct LinuxSettingTests {
  func setting(
    _ policy: InvalidationPolicy, _ modifiers: PolicyModifiers = .none,
    _ kind: TranslationKind = .shadowed
  ) -> LinuxSetting {
    LinuxSetting(PolicyChoice(policy, modifiers), kind)
  }

  let single = InvalidationPolicy.singleQueue(entries: 32_768, timeout: .milliseconds(1_000))

  @Test("What is shipped can be set, and is told how")
  func shipped() {
    #expect(setting(.strict).text.contains("iommu.strict=1"))
    #expect(setting(.legacyStrict).text.contains("s390_iommu=strict"))
    #expect(setting(.legacy).text.contains("up to 6.6"))
    for policy in [.strict, .legacy, .legacyStrict, single] as [InvalidationPolicy] {
      #expect(setting(policy).isSettable)
    }
  }

  @Test("Which queue is the default depends on whether a hypervisor shadows the table")
  func kinds() {
    #expect(setting(single, .none, .shadowed).isSettable)
    #expect(setting(single, .none, .direct).effort == .rebuild)
    #expect(setting(Settings.queue(), .none, .direct).isSettable)
    #expect(setting(Settings.queue()).effort == .rebuild)
    #expect(setting(Settings.queue()).text.contains("iommu_dma_init_options"))
  }

  @Test("Another size or time-out names the constants to change, and no others")
  func rebuilt() {
    let size = setting(.singleQueue(entries: 8_192, timeout: .milliseconds(1_000)))
    #expect(size.effort == .rebuild)
    #expect(size.text.contains("IOVA_SINGLE_FQ_SIZE to 8192"))
    #expect(!size.text.contains("TIMEOUT") && !size.text.contains("iommu_dma_init_options"))
    let time = setting(Settings.queue(256, milliseconds: 4_000), .none, .direct)
    #expect(time.text.contains("IOVA_DEFAULT_FQ_TIMEOUT to 4000"))
    #expect(!time.text.contains("_SIZE"))
    #expect(setting(.queue(entries: 256, timeout: .microseconds(1_500))).effort == .missing)
  }

  @Test("Rollover and the modifiers are in no Linux, and the nearest setting is named")
  func missing() {
    let rollover = InvalidationPolicy.rollover(age: nil, stale: nil)
    #expect(!setting(rollover).exists && !setting(.legacy, .batch).exists)
    #expect(setting(rollover).text.contains("single-queue:32768,1s"))
    #expect(setting(rollover, .none, .direct).text.contains("queue:256,10ms"))
  }
}
