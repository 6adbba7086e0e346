public import IOMMU

/// Which settings are worth trying between those that a sweep has tried.
///
/// The bound on age is halved, by its logarithm, between two neighbours where the rate changes much
/// or where it passes the share that a recommendation needs; and only beside the front. The answer
/// depends on the settings alone, so a sweep that is repeated tries the same.
public enum SweepRefinement {
  /// A change of the rate worth a look, as a share of the best.
  static let step = 0.02

  /// Neighbouring ages that are closer than this factor are close enough.
  static let closest = 1.25

  /// The rounds after the first sweep.
  public static let rounds = 3

  /// The settings to try next; none where the front is fine enough.
  public static func next(after report: TuningReport) -> [PolicyChoice] {
    report.families.flatMap { family -> [PolicyChoice] in
      let best = family.members.map { report.settings[$0].rate }.max() ?? 0
      if best == 0 { return [] }
      let front = Set(family.rollovers)
      return [PolicyModifiers.none, .piggyback].flatMap { modifiers in
        let line = line(modifiers.union(family.mapSide), family, report)
        return zip(line, line.dropFirst()).compactMap { below, above -> PolicyChoice? in
          guard front.contains(below.index) || front.contains(above.index),
            Double(above.age) > Double(below.age) * closest
          else { return nil }
          let rates = (
            report.settings[below.index].rate / best, report.settings[above.index].rate / best
          )
          let isSteep = abs(rates.1 - rates.0) > step
          let passes = (rates.0 < report.atLeast) != (rates.1 < report.atLeast)
          if !isSteep && !passes { return nil }
          let age = Nanoseconds(middle(below.age, above.age))
          return PolicyChoice(
            .rollover(age: age, stale: nil), modifiers.union(family.mapSide))
        }
      }
    }
  }

  /// The settings that differ in age alone, by rising age.
  private static func line(
    _ modifiers: PolicyModifiers, _ family: TuningReport.Family, _ report: TuningReport
  ) -> [(index: Int, age: UInt64)] {
    family.members.compactMap { index in
      guard case .rollover(let age?, nil) = report.settings[index].policy.policy,
        report.settings[index].policy.modifiers == modifiers
      else { return nil }
      return (index, age.rawValue)
    }.sorted { $0.age < $1.age }
  }

  /// The geometric mean in nanoseconds, rounded to two digits.
  static func middle(_ below: UInt64, _ above: UInt64) -> UInt64 {
    // Square roots are correctly rounded everywhere, so every machine gets the same digits.
    let mean = UInt64((Double(below) * Double(above)).squareRoot())
    var unit: UInt64 = 1
    while mean / unit >= 100 { unit *= 10 }
    return (mean + unit / 2) / unit * unit
  }
}
