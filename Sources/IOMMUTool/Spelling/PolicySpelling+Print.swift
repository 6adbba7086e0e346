import IOMMU

extension PolicySpelling {
  /// The one canonical spelling of `choice`: reading it gives `choice` back.
  ///
  /// Times are in the largest unit that leaves no rest, shares are decimal fractions, and
  /// parameters and modifiers come in the order of the documentation.
  static func spelling(of choice: PolicyChoice) -> String {
    spelling(of: choice.policy) + spelling(of: choice.modifiers)
  }

  /// The modifiers in canonical order, each behind a `+`; nothing for none.
  static func spelling(of set: PolicyModifiers) -> String {
    modifiers.filter { set.contains($0.modifier) }.map { "+" + $0.name }.joined()
  }

  private static func spelling(of policy: InvalidationPolicy) -> String {
    switch policy {
    case .identity: "identity"
    case .strict: "strict"
    case .legacy: "legacy"
    case .legacyStrict: "legacy-strict"
    case .queue(let entries, let timeout): "queue:\(entries),\(spelling(of: timeout))"
    case .singleQueue(let entries, let timeout): "single-queue:\(entries),\(spelling(of: timeout))"
    case .rollover(let age, let stale):
      "rollover" + (age.map { ",age=" + spelling(of: $0) } ?? "")
        + (stale.map { ",stale=" + spelling(of: $0) } ?? "")
    }
  }

  private static func spelling(of time: Nanoseconds) -> String {
    Quantity.time.spelling(of: time.rawValue)
  }

  private static func spelling(of share: StaleShare) -> String {
    if share.perMille == 1_000 { return "1" }
    var digits = String(1_000 + share.perMille).dropFirst()
    while digits.last == "0" { digits = digits.dropLast() }
    return "0." + digits
  }
}
