import InterleavingExplorer
import InterleavingScenarios

/// What a command line of `iommu scale` asks for, checked.
struct ScaleRequest: Sendable {
  /// The policies, in the order in which they are printed.
  let policies: [ScalingPolicy]

  /// The numbers of processors, in ascending order.
  let cpus: [Int]

  /// The run, but for the number of processors.
  let run: ScalingRun

  /// The same command line, spelled out: for another build of the tool.
  let arguments: [String]

  /// Checks what was asked for.
  ///
  /// Throws: `usage`, with the column where a text is wrong.
  init(_ command: ScaleCommand) throws(ToolError) {
    var policies: [ScalingPolicy] = []
    for name in command.policy {
      guard let policy = ScalingPolicy.named(name) else {
        throw .usage(
          "--policy '\(name)': \(NearestName.hint(for: name, among: ScaleCommand.policies))")
      }
      if !policies.contains(policy) { policies.append(policy) }
    }
    self.policies = policies.isEmpty ? ScalingPolicy.all : policies
    for number in command.cpus where !(1...64).contains(number) {
      throw .usage("--cpus \(number): expected a number from 1 to 64")
    }
    cpus = Set(command.cpus).sorted()
    try Self.check("--pairs", command.pairs, 64...100_000_000)
    try Self.check("--depth", command.depth, 1...256)
    try Self.check("--chip", command.chip, 1...64)
    var run = ScalingRun(processors: 1)
    run.pairs = command.pairs
    run.depth = command.depth
    run.unmapsElsewhere = command.elsewhere
    run.prices = try Self.prices(command)
    self.run = run
    arguments = Self.arguments(of: command)
  }

  private static func check(
    _ option: String, _ value: Int, _ range: ClosedRange<Int>
  ) throws(ToolError) {
    if range.contains(value) { return }
    throw .usage(
      "\(option) \(value): expected a number from \(range.lowerBound) to \(range.upperBound)")
  }

  private static func prices(_ command: ScaleCommand) throws(ToolError) -> LinePrices {
    var prices = LinePrices()
    prices.chip = command.chip
    let transfer = try spelled("--transfer", command.transfer) { piece throws(SpellingError) in
      let parts = piece.parts(separatedBy: ",")
      if parts.count > 2 {
        throw SpellingError(
          column: parts[2].column, "expected the end, not \(parts[2].quoted)")
      }
      var times: [UInt64] = []
      for part in parts { times.append(try time(part)) }
      return times
    }
    prices.near = transfer.first ?? prices.near
    prices.far = transfer.last ?? prices.far
    prices.instruction = try spelled("--instruction", command.instruction) {
      piece throws(SpellingError) in try time(piece)
    }
    return prices
  }

  /// A second at most, so that sums do not overflow.
  private static func time(_ piece: SpellingPiece) throws(SpellingError) -> UInt64 {
    let value = try Quantity.cost.parse(piece)
    if value <= 1_000_000_000_000 { return value }
    throw SpellingError(column: piece.column, "expected a second at most, found \(piece.quoted)")
  }

  private static func spelled<Value>(
    _ option: String, _ text: String, _ read: (SpellingPiece) throws(SpellingError) -> Value
  ) throws(ToolError) -> Value {
    do throws(SpellingError) {
      return try read(SpellingPiece(Substring(text)))
    } catch {
      throw .usage("\(option) '\(text)', column \(error.column): \(error.message)")
    }
  }

  private static func arguments(of command: ScaleCommand) -> [String] {
    var arguments = ["scale"]
    if !command.policy.isEmpty { arguments += ["--policy"] + command.policy }
    arguments += ["--cpus"] + command.cpus.map { String($0) }
    if command.elsewhere { arguments.append("--elsewhere") }
    return arguments + [
      "--pairs", String(command.pairs), "--depth", String(command.depth), "--transfer",
      command.transfer, "--chip", String(command.chip), "--instruction", command.instruction,
      "--format", command.format.rawValue,
    ]
  }
}
