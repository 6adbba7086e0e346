import IOMMU

/// Reads policies as the command line spells them: a name, its parameters, modifiers behind `+`.
///
///     rollover,age=10ms,stale=50%+batch+piggyback
enum PolicySpelling {
  /// How each policy is written; the order is that of the documentation.
  static let forms = [
    "identity", "strict", "legacy", "legacy-strict", "queue:ENTRIES,TIMEOUT",
    "single-queue:ENTRIES,TIMEOUT", "rollover[,age=T][,stale=FRACTION]",
  ]

  /// The modifiers, in canonical order.
  static let modifiers: [(name: String, modifier: PolicyModifiers)] = [
    ("batch", .batch), ("reuse", .reuse), ("piggyback", .piggyback),
  ]

  /// Reads `text`; the error names the first character that is wrong.
  static func parse(_ text: String) throws(SpellingError) -> PolicyChoice {
    let parts = SpellingPiece(text[...]).parts(separatedBy: "+")
    let policy = try parsePolicy(parts[0])
    var set = PolicyModifiers.none
    for part in parts.dropFirst() {
      guard let (name, modifier) = modifiers.first(where: { $0.name == part.text }) else {
        let hint = NearestName.hint(for: part.text, among: modifiers.map(\.name))
        throw SpellingError(column: part.column, "unknown modifier \(part.quoted); \(hint)")
      }
      if set.contains(modifier) {
        throw SpellingError(column: part.column, "the modifier '\(name)' is given twice")
      }
      set = set.union(modifier)
    }
    return PolicyChoice(policy, set)
  }

  private static func parsePolicy(
    _ piece: SpellingPiece
  ) throws(SpellingError) -> InvalidationPolicy {
    let (name, rest) = piece.split(before: [":", ","])
    switch name.text {
    case "identity": return try plain(.identity, name, rest)
    case "strict": return try plain(.strict, name, rest)
    case "legacy": return try plain(.legacy, name, rest)
    case "legacy-strict": return try plain(.legacyStrict, name, rest)
    case "queue":
      let (entries, timeout) = try ring(name, rest, example: "queue:256,10ms")
      return .queue(entries: entries, timeout: timeout)
    case "single-queue":
      let (entries, timeout) = try ring(name, rest, example: "single-queue:32768,1s")
      return .singleQueue(entries: entries, timeout: timeout)
    case "rollover": return try rollover(rest)
    default:
      let names = forms.map { String($0.prefix { $0 != ":" && $0 != "[" }) }
      let hint = NearestName.hint(for: name.text, among: names)
      throw SpellingError(column: name.column, "unknown policy \(name.quoted); \(hint)")
    }
  }

  private static func plain(
    _ policy: InvalidationPolicy, _ name: SpellingPiece, _ rest: SpellingPiece
  ) throws(SpellingError) -> InvalidationPolicy {
    if rest.text.isEmpty { return policy }
    throw SpellingError(column: rest.column, "'\(name.text)' takes no parameters")
  }

  private static func ring(
    _ name: SpellingPiece, _ rest: SpellingPiece, example: String
  ) throws(SpellingError) -> (entries: Int, timeout: Nanoseconds) {
    guard rest.text.first == ":" else {
      throw SpellingError(
        column: rest.column, "expected ':ENTRIES,TIMEOUT' after '\(name.text)', as in \(example)")
    }
    let parts = rest.dropFirst(1).parts(separatedBy: ",")
    let entries = try Quantity.count.parse(parts[0])
    guard let number = Int(exactly: entries), InvalidationPolicy.isValidRing(entries: number) else {
      throw SpellingError(
        column: parts[0].column,
        "expected a power of two from \(InvalidationPolicy.entriesMin) to "
          + "\(InvalidationPolicy.entriesMax), since the queue is a ring indexed by a mask, "
          + "found \(parts[0].quoted)")
    }
    if parts.count < 2 {
      throw SpellingError(
        column: parts[0].columnAfter, "expected ',TIMEOUT' after the entries, as in \(example)")
    }
    if parts.count > 2 {
      throw SpellingError(
        column: parts[2].column - 1, "expected nothing after the timeout, as in \(example)")
    }
    return (number, try time(parts[1], "a queue without a timeout would never be drained in time"))
  }

  private static func rollover(_ rest: SpellingPiece) throws(SpellingError) -> InvalidationPolicy {
    if rest.text.isEmpty { return .rollover(age: nil, stale: nil) }
    guard rest.text.first == "," else {
      throw SpellingError(
        column: rest.column, "expected ',age=T' or ',stale=FRACTION' after 'rollover'")
    }
    var age: Nanoseconds?
    var stale: StaleShare?
    for part in rest.dropFirst(1).parts(separatedBy: ",") {
      let (key, tail) = part.split(before: ["="])
      guard key.text == "age" || key.text == "stale" else {
        let hint = NearestName.hint(for: key.text, among: ["age", "stale"])
        throw SpellingError(column: key.column, "unknown bound \(key.quoted); \(hint)")
      }
      if tail.text.isEmpty {
        throw SpellingError(column: tail.column, "expected '=' and a value after '\(key.text)'")
      }
      if key.text == "age" ? age != nil : stale != nil {
        throw SpellingError(column: key.column, "the bound '\(key.text)' is given twice")
      }
      if key.text == "age" {
        age = try time(tail.dropFirst(1), "'strict' is the policy that leaves nothing stale")
      } else {
        stale = try share(tail.dropFirst(1))
      }
    }
    return .rollover(age: age, stale: stale)
  }

  private static func time(
    _ piece: SpellingPiece, _ reason: String
  ) throws(SpellingError) -> Nanoseconds {
    let nanoseconds = try Quantity.time.parse(piece)
    if nanoseconds > 0 { return Nanoseconds(nanoseconds) }
    throw SpellingError(
      column: piece.column, "expected a time longer than 0, found \(piece.quoted): \(reason)")
  }

  private static func share(_ piece: SpellingPiece) throws(SpellingError) -> StaleShare {
    let perMille = try Quantity.share.parse(piece)
    if let number = UInt16(exactly: perMille), let share = StaleShare(perMille: number) {
      return share
    }
    throw SpellingError(
      column: piece.column,
      "expected a fraction above 0 and at most 1, such as 0.5 or 50%, found \(piece.quoted)")
  }
}
