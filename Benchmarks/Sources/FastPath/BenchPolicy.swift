import IOMMU

/// A policy with its modifiers, and whether the device wants to be told of new mappings.
struct BenchPolicy: Sendable {
  let name: String
  let choice: PolicyChoice
  var announced = false

  static let all: [BenchPolicy] = [
    BenchPolicy(name: "rollover", choice: PolicyChoice(.rollover(age: nil, stale: nil))),
    BenchPolicy(
      name: "rollover-told", choice: PolicyChoice(.rollover(age: nil, stale: nil)),
      announced: true),
    BenchPolicy(
      name: "rollover+batch", choice: PolicyChoice(.rollover(age: nil, stale: nil), .batch),
      announced: true),
    BenchPolicy(
      name: "rollover+reuse", choice: PolicyChoice(.rollover(age: nil, stale: nil), .reuse),
      announced: true),
    BenchPolicy(
      name: "rollover+piggyback", choice: PolicyChoice(.rollover(age: nil, stale: nil), .piggyback),
      announced: true),
    BenchPolicy(name: "strict", choice: PolicyChoice(.strict)),
    BenchPolicy(name: "legacy", choice: PolicyChoice(.legacy)),
    BenchPolicy(name: "legacy-strict", choice: PolicyChoice(.legacyStrict)),
    BenchPolicy(
      name: "queue:256", choice: PolicyChoice(.queue(entries: 256, timeout: .milliseconds(10)))),
    BenchPolicy(
      name: "single-queue:32768",
      choice: PolicyChoice(.singleQueue(entries: 32_768, timeout: .milliseconds(1_000)))),
  ]
}
