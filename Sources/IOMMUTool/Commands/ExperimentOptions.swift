import ArgumentParser
import IOMMU
import MachineModel

/// How a result is printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case table
  case json

  /// `comparison` as text for standard output.
  func text(_ comparison: Comparison) -> String {
    switch self {
    case .table: ComparisonTable.text(comparison)
    case .json: ComparisonJSON.text(comparison)
    }
  }
}

/// The options that all experiments share.
struct ExperimentOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A shipped machine, \(NearestName.list(MachineCatalog.names)), or a YAML file.",
      valueName: "name|file"))
  var machine = MachineCatalog.names[0]

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The policies to compare; each may end in \(Self.modifierList). "
        + "(default: those of the published figures, and rollover)",
      discussion: "One of \(NearestName.list(PolicySpelling.forms)).",
      valueName: "policy"))
  var policy: [String] = []

  @Option(help: ArgumentHelp("How to print the result.", valueName: "format"))
  var format = OutputFormat.table

  /// The policies asked for, or those compared by default that `machine` can have.
  func policies(on machine: MachineDescription? = nil) throws(ToolError) -> [PolicyChoice] {
    if policy.isEmpty {
      let allowsIdentity = machine?.allowsIdentity ?? true
      return Self.defaultPolicies.filter { allowsIdentity || $0.policy != .identity }
    }
    var choices: [PolicyChoice] = []
    for text in policy { choices.append(try PolicySpelling.choice(text)) }
    return choices
  }

  /// The policies that the thread of September 2022 gives figures for, Linux's present default on
  /// s390, and the answer that the thread sketches, with and without bounds and modifiers.
  static let defaultPolicies = [
    PolicyChoice(.identity),
    PolicyChoice(.strict),
    PolicyChoice(.legacy),
    PolicyChoice(.queue(entries: 256, timeout: .milliseconds(10))),
    PolicyChoice(.queue(entries: 8_192, timeout: .milliseconds(100))),
    PolicyChoice(.queue(entries: 32_768, timeout: .milliseconds(4_000))),
    PolicyChoice(.singleQueue(entries: 32_768, timeout: .milliseconds(1_000))),
    PolicyChoice(.rollover(age: nil, stale: nil)),
    PolicyChoice(.rollover(age: .milliseconds(1), stale: nil)),
    PolicyChoice(.rollover(age: .milliseconds(10), stale: nil), .piggyback),
    PolicyChoice(.rollover(age: nil, stale: nil), .batch),
    PolicyChoice(.rollover(age: nil, stale: nil), .batch.union(.piggyback)),
    PolicyChoice(.rollover(age: nil, stale: nil), .batch.union(.reuse)),
  ]

  private static let modifierList = NearestName.list(PolicySpelling.modifiers.map { "+" + $0.name })
}

extension PolicySpelling {
  /// Reads a policy from the command line; the error names it and the column.
  static func choice(_ text: String) throws(ToolError) -> PolicyChoice {
    do throws(SpellingError) {
      return try parse(text)
    } catch {
      throw .usage("policy '\(text)', column \(error.column): \(error.message)")
    }
  }
}
