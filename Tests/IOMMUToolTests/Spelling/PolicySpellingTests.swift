import IOMMU
import Testing

@testable import IOMMUTool

@Suite struct PolicySpellingTests {
  @Test(
    "A canonical spelling reads as the policy it names and prints as itself",
    arguments: [
      ("identity", PolicyChoice(.identity)),
      ("strict", PolicyChoice(.strict)),
      ("legacy", PolicyChoice(.legacy)),
      ("legacy-strict", PolicyChoice(.legacyStrict)),
      ("queue:256,10ms", PolicyChoice(.queue(entries: 256, timeout: .milliseconds(10)))),
      (
        "single-queue:32768,1s",
        PolicyChoice(.singleQueue(entries: 32_768, timeout: .milliseconds(1_000)))
      ),
      ("rollover", PolicyChoice(.rollover(age: nil, stale: nil))),
      ("rollover,age=100us", PolicyChoice(.rollover(age: .microseconds(100), stale: nil))),
      (
        "rollover,age=250ns,stale=0.125+batch+reuse+piggyback",
        PolicyChoice(
          .rollover(age: Nanoseconds(250), stale: StaleShare(perMille: 125)),
          .batch.union(.reuse).union(.piggyback))
      ),
      (
        "rollover,stale=1",
        PolicyChoice(.rollover(age: nil, stale: StaleShare(perMille: 1_000)))
      ),
    ])
  func canonicalSpellingsRoundTrip(text: String, choice: PolicyChoice) throws {
    #expect(try PolicySpelling.parse(text) == choice)
    #expect(PolicySpelling.spelling(of: choice) == text)
  }

  @Test(
    "Other spellings of a policy print in the canonical one",
    arguments: [
      ("strict+piggyback+batch", "strict+batch+piggyback"),
      ("rollover,stale=50%,age=1000us", "rollover,age=1ms,stale=0.5"),
      ("rollover,stale=0.1%", "rollover,stale=0.001"),
      ("queue:256,0.01s", "queue:256,10ms"),
      ("queue:256,1.5ms", "queue:256,1500us"),
      ("queue:00256,010ms", "queue:256,10ms"),
    ])
  func spellingsAreNormalised(text: String, canonical: String) throws {
    #expect(PolicySpelling.spelling(of: try PolicySpelling.parse(text)) == canonical)
  }

  @Test("Every policy with every set of modifiers comes back from its spelling")
  func everyCombinationRoundTrips() throws {
    let ages: [Nanoseconds?] = [nil, Nanoseconds(1), .milliseconds(10), Nanoseconds(.max)]
    let shares = [nil, StaleShare(perMille: 1), StaleShare(perMille: 250)]
    var policies: [InvalidationPolicy] = [.identity, .strict, .legacy, .legacyStrict]
    for log2 in 1...20 {
      policies.append(.queue(entries: 1 << log2, timeout: .microseconds(UInt32(log2))))
      policies.append(.singleQueue(entries: 1 << log2, timeout: .milliseconds(UInt32(log2))))
    }
    for age in ages { for share in shares { policies.append(.rollover(age: age, stale: share)) } }
    for policy in policies {
      #expect(policy.isValid)
      for bits in UInt8(0)..<8 {
        let choice = PolicyChoice(policy, PolicyModifiers(rawValue: bits))
        #expect(try PolicySpelling.parse(PolicySpelling.spelling(of: choice)) == choice)
      }
    }
  }
}
