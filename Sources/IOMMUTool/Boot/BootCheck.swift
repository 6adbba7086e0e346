/// What the image can hold against the machine, one by one.
struct BootCheck: Equatable, Sendable {
  /// The name on this tool's command line.
  let name: String

  /// What the check is about, for the help.
  let about: String

  /// The number on the image's command line (Platforms/s390x/Kernel/Checks/Check.swift).
  let number: UInt64

  /// The number of disks, each behind a function of its own.
  var disks = 1

  /// Whether somebody has to pull a card and put one in.
  var isOperated = false

  /// All checks, in the order in which they are told.
  static let all = [
    BootCheck(
      name: "stale-window", about: "what a device reaches after an unmap, and after the flush",
      number: 1),
    BootCheck(
      name: "recovery", about: "a device in error state under load comes back, nothing is lost",
      number: 2),
    BootCheck(
      name: "unplug", about: "a card is pulled under load and put in again", number: 3,
      isOperated: true),
    BootCheck(
      name: "shared-domain", about: "two devices in one domain, each told of every mapping",
      number: 4, disks: 2),
    BootCheck(
      name: "out-of-resources", about: "refreshes that the machine has no resources for",
      number: 5),
  ]

  /// A mistake on purpose; none of the checks.
  static let trap = BootCheck(name: "trap", about: "a mistake on purpose", number: 0)

  /// The names of all checks.
  static var names: [String] { all.map(\.name) }

  /// The checks of those names; all of them for no name.
  ///
  /// Throws: `usage` for a name that there is not, or that is there twice.
  static func named(_ names: [String]) throws(ToolError) -> [BootCheck] {
    if names.isEmpty { return all }
    var checks: [BootCheck] = []
    for name in names {
      guard let check = (all + [trap]).first(where: { $0.name == name }) else {
        throw .usage(
          "unknown check '\(name)'; \(NearestName.hint(for: name, among: Self.names))")
      }
      if checks.contains(check) { throw .usage("check '\(name)' is named twice") }
      checks.append(check)
    }
    return checks
  }
}

/// What the image says it saw: a line `seen CASE name=number … holds=1`, where a number that should
/// be another is followed by that one, as in `wrong-blocks=8!0`.
struct BootCase: Equatable, Sendable {
  /// One figure.
  struct Figure: Equatable, Sendable {
    var name: String
    var number: UInt64
    /// What it should be, where it is not that.
    var expected: UInt64?
  }

  /// The case: a policy, or a part of the check.
  var name: String
  /// What was seen, in the image's order.
  var figures: [Figure]
  /// Whether the image says that all was as it should be.
  var holds: Bool

  /// The case that a line tells; `nil` for another line.
  init?(line: String) {
    var words = line.split(separator: " ")
    guard words.count > 2, words[0] == "seen" else { return nil }
    name = String(words[1])
    guard let last = words.popLast(), last == "holds=1" || last == "holds=0" else { return nil }
    holds = last == "holds=1"
    figures = []
    for word in words.dropFirst(2) {
      let parts = word.split(separator: "=")
      guard parts.count == 2 else { return nil }
      let numbers = parts[1].split(separator: "!")
      guard let number = numbers.first.flatMap({ UInt64($0) }) else { return nil }
      figures.append(
        Figure(
          name: String(parts[0]), number: number,
          expected: numbers.count == 2 ? UInt64(numbers[1]) : nil))
    }
  }
}
