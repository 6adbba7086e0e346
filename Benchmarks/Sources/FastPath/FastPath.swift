import ArgumentParser
import Patterns

/// Counts what taking and giving back addresses and mappings costs, in instructions.
@main
struct FastPath: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fast-path",
    abstract: "Counts the instructions of map and unmap, pattern by pattern.",
    discussion: """
      Under callgrind it has each pattern counted with and without the operations, and single
      operations, under names that Benchmarks/run takes apart. Alone it prints what was refused,
      what the heap and the tables gave, and which operations took longest.
      """)

  @Option(help: "The patterns, separated by commas; all unless told.")
  var patterns: String?

  @Option(
    help: "The policies, separated by commas; all, but those with modifiers for some patterns.")
  var policies: String?

  @Option(help: "What is measured: addresses, mappings, or both with a comma.")
  var subjects: String?

  @Option(help: "How many pairs are counted, at the least.")
  var pairs = 100_000

  @Flag(
    help: """
      Finds the operations that take longest; under callgrind, counts those that are read from \
      the standard input, as they were printed.
      """)
  var worst = false

  @Flag(help: "Compares two and four threads with one, and nothing else.")
  var threads = false

  @Option(help: "How often they are compared.")
  var rounds = 9

  @Flag(help: "Prints which of the library's checks run, and nothing else.")
  var checks = false

  @Flag(help: "Prints the patterns and the policies, and nothing else.")
  var list = false

  func validate() throws {
    if pairs < 1 { throw ValidationError("expected one pair or more, found \(pairs)") }
    if rounds < 1 { throw ValidationError("expected one round or more, found \(rounds)") }
    _ = try selection()
  }

  func run() throws {
    Counting.bufferLines()
    FirstThrow.prepare()
    let selection = try selection()
    if list { return printNames() }
    if checks { return Checks.print() }
    if threads {
      for measurement in ThreadMeasurement.all(of: selection, rounds: rounds) {
        measurement.run()
      }
      return
    }
    let slow = worst && Counting.hasCallgrind ? readSlow() : [:]
    for measurement in selection.measurements {
      if let reason = measurement.reasonToSkip {
        measurement.skip(reason)
      } else if !Counting.hasCallgrind {
        measurement.examine()
        if worst { measurement.findSlow() }
      } else {
        measurement.countPairs()
        if let numbers = slow[measurement.name] { measurement.countSingle(numbers) }
      }
    }
  }

  /// The numbers of the operations that took longest, as they were printed without callgrind.
  private func readSlow() -> [String: [Int]] {
    var found: [String: [Int]] = [:]
    while let line = readLine() {
      let fields = line.split(separator: "\t")
      guard fields.count == 5, fields[3] == "slow" else { continue }
      found[fields[0..<3].joined(separator: "\t")] = fields[4].split(separator: ",").compactMap {
        Int($0)
      }
    }
    return found
  }

  private func selection() throws -> Selection {
    do throws(Selection.UnknownName) {
      return try Selection(
        patterns: patterns, policies: policies, subjects: subjects, pairs: pairs)
    } catch {
      throw ValidationError(error.description)
    }
  }

  private func printNames() {
    for pattern in Pattern.all { print("pattern\t\(pattern.name)") }
    for policy in BenchPolicy.all { print("policy\t\(policy.name)") }
  }
}
