import IOMMU

/// A policy with its modifiers, and whether the device wants to be told of new mappings.
package struct BenchPolicy: Sendable {
  /// What it is called, here and in `linux.tsv`.
  package let name: String
  /// What it does.
  let choice: PolicyChoice
  /// Whether the device wants to be told.
  let announced: Bool
  /// Whether it is more than the plain policy.
  package var isModified: Bool { announced || choice.modifiers != .none }

  /// Whether its addresses come from a tree.
  var hasTree: Bool {
    switch choice.policy {
    case .strict, .queue, .singleQueue: true
    case .identity, .legacy, .legacyStrict, .rollover: false
    }
  }

  /// The policies themselves.
  private static let plain: [(String, InvalidationPolicy)] = [
    ("rollover", .rollover(age: nil, stale: nil)),
    (
      "rollover:10ms,5%",
      .rollover(age: .milliseconds(10), stale: StaleShare(perMille: 50))
    ),
    ("strict", .strict),
    ("legacy", .legacy),
    ("legacy-strict", .legacyStrict),
    ("queue:256", .queue(entries: 256, timeout: .milliseconds(10))),
    ("single-queue:32768", .singleQueue(entries: 32_768, timeout: .milliseconds(1_000))),
  ]

  /// What comes on top of each: first nothing; then a device that wants to be told of mappings, as
  /// shadowed ones do; then the modifiers, which are about such devices, each and all.
  private static let additions: [(String, PolicyModifiers, announced: Bool)] = [
    ("", .none, false),
    ("-told", .none, true),
    ("+batch", .batch, true),
    ("+reuse", .reuse, true),
    ("+piggyback", .piggyback, true),
    ("+batch+reuse+piggyback", .batch.union(.reuse).union(.piggyback), true),
  ]

  /// All of them; identity has no addresses to hand out, and nothing goes on top of it.
  package static let all: [BenchPolicy] =
    plain.flatMap { name, policy in
      additions.map { addition, modifiers, announced in
        BenchPolicy(
          name: name + addition, choice: PolicyChoice(policy, modifiers), announced: announced)
      }
    } + [BenchPolicy(name: "identity", choice: PolicyChoice(.identity), announced: false)]
}
