import ArgumentParser
import IOMMU
import Workloads

/// Counts what taking and giving back addresses and mappings costs, in instructions.
@main
struct FastPath: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fast-path",
    abstract: "Counts the instructions of map and unmap, pattern by pattern.",
    discussion: """
      Under callgrind it has each pattern counted with and without the operations, under
      names that Benchmarks/run takes apart. Alone it counts the worst single operation,
      by trapping after each instruction (x86-64 only).
      """)

  @Option(help: "The patterns, separated by commas.")
  var patterns = Pattern.all.map(\.name).joined(separator: ",")

  @Option(help: "The policies, as they are listed in Policies.swift, separated by commas.")
  var policies = BenchPolicy.all.map(\.name).joined(separator: ",")

  @Option(help: "What is measured: addresses, or mappings.")
  var subjects = "addresses,mappings"

  @Option(help: "How many pairs are counted.")
  var pairs = 100_000

  func run() throws {
    for pattern in Pattern.all where patterns.split(separator: ",").contains(pattern.name[...]) {
      for policy in BenchPolicy.all where policies.split(separator: ",").contains(policy.name[...])
      {
        for subject in subjects.split(separator: ",") {
          let measurement = Measurement(
            pattern: pattern, policy: policy, subject: String(subject), pairs: pairs)
          measurement.run()
        }
      }
    }
  }
}
