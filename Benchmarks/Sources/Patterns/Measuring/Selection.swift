/// Which measurements are wanted.
package struct Selection: Sendable {
  /// The patterns, policies and subjects, and what is left out where nobody asked for it.
  package let measurements: [Measurement]
  /// Whether policies were asked for by name.
  let namesPolicies: Bool

  /// A name that is none.
  package struct UnknownName: Error, CustomStringConvertible {
    /// Which name, and what there is instead.
    package let description: String
  }

  /// The measurements of all `patterns` under all `policies` on all `subjects`, each a list with
  /// commas; `nil` stands for all of them, but modifiers only where they matter most.
  ///
  /// Throws: where a name is none.
  package init(
    patterns: String?, policies: String?, subjects: String?, pairs: Int
  ) throws(UnknownName) {
    let chosen = try Self.chosen(patterns, among: Pattern.all, "pattern", \.name)
    let named = try Self.chosen(policies, among: BenchPolicy.all, "policy", \.name)
    let kinds = try Self.chosen(
      subjects, among: Measurement.Kind.allCases, "subject", \.rawValue)
    namesPolicies = policies != nil
    var measurements: [Measurement] = []
    for pattern in chosen {
      for policy in named {
        if policies == nil, policy.isModified, !pattern.isForModifiers { continue }
        for kind in kinds {
          let measurement = Measurement(
            pattern: pattern, policy: policy, subject: kind, pairs: pairs)
          if measurement.isSensible { measurements.append(measurement) }
        }
      }
    }
    self.measurements = measurements
  }

  private static func chosen<Element>(
    _ list: String?, among all: [Element], _ what: String, _ name: (Element) -> String
  ) throws(UnknownName) -> [Element] {
    guard let list else { return all }
    var chosen: [Element] = []
    for wanted in separated(list) {
      guard let found = all.first(where: { name($0) == wanted }) else {
        let names = all.map(name).joined(separator: " ")
        throw UnknownName(description: "no \(what) '\(wanted)'; there are: \(names)")
      }
      chosen.append(found)
    }
    if chosen.isEmpty { throw UnknownName(description: "no \(what) is named in '\(list)'") }
    return chosen
  }

  /// The names of a list; a comma within a policy's parameters belongs to it.
  private static func separated(_ list: String) -> [String] {
    var names: [String] = []
    for part in list.split(separator: ",") {
      // `rollover:10ms,5%` is one name.
      if part.first?.isNumber == true, let last = names.popLast() {
        names.append("\(last),\(part)")
      } else {
        names.append(String(part))
      }
    }
    return names
  }
}
