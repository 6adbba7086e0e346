import InterleavingExplorer
import InterleavingScenarios

/// What `iommu explore` can explore, by name.
enum ScenarioCatalog {
  /// Where a scenario comes from, and so what it is expected to show.
  enum Kind: String, CaseIterable {
    /// The product's own code: no violation.
    case product
    /// A mistake that somebody made: a violation.
    case variant
    /// The explorer's own test programs.
    case litmus

    /// The scenarios of the kind.
    var scenarios: [Scenario] {
      switch self {
      case .product: ProductScenarios.all
      case .variant: HistoricalVariants.all
      case .litmus: Litmus.all.map(\.scenario)
      }
    }

    /// What a list has as the kind's title.
    var title: String {
      switch self {
      case .product: "The product; explored where no scenario is named"
      case .variant: "Historical variants, which are to be caught: --variant NAME"
      case .litmus: "The explorer's own litmus programs"
      }
    }
  }

  /// The scenario called `name` among the kinds, and which it is.
  static func scenario(
    _ name: String, of kinds: [Kind] = Kind.allCases
  ) throws(ToolError) -> (Kind, Scenario) {
    for kind in kinds {
      if let found = kind.scenarios.first(where: { $0.name == name }) { return (kind, found) }
    }
    let names = kinds.flatMap { kind in kind.scenarios.map(\.name) }
    let what = kinds == [.variant] ? "variant" : "scenario"
    let nearest = NearestName.nearest(to: name, among: names)
    let hint = nearest.map { "did you mean '\($0)'?" } ?? "'iommu explore --list' has them all"
    throw .usage("there is no \(what) '\(name)'; \(hint)")
  }

  /// The same list for programs.
  static var listJSON: String {
    JSONText.array(
      Kind.allCases.flatMap { kind in
        kind.scenarios.map {
          .object([
            ("scenario", .string($0.name)), ("kind", .string(kind.rawValue)),
            ("races", .string($0.summary)), ("checks", .string($0.checks)),
          ])
        }
      }
    ).text + "\n"
  }

  /// All scenarios with what they race and what they check.
  static var list: String {
    Kind.allCases.map { kind in
      kind.title + "\n\n"
        + kind.scenarios.map {
          "  \($0.name)\n      races:  \($0.summary)\n      checks: \($0.checks)\n"
        }.joined()
    }.joined(separator: "\n")
  }
}
