import ArgumentParser
import IOMMU
import KernelTraces

/// The options of `iommu replay --verify`.
struct VerifyOptions: ParsableArguments {
  @Flag(
    help: ArgumentHelp(
      "Compare the recorded kernel, event for event, with the model of its allocator."))
  var verify = false

  @Option(
    help: ArgumentHelp(
      "With --verify: the kernel, \(NearestName.list(Self.kernels.map(\.name))). "
        + "(default: recognised)",
      valueName: "name"))
  var kernel: String?

  @Option(
    help: ArgumentHelp(
      "With --verify: where the kernel's device addresses start and how many bytes they are, "
        + "such as 4GiB,256MiB. (default: from the trace)",
      valueName: "first,size"))
  var aperture: String?

  @Option(
    help: ArgumentHelp(
      "With --verify: ticks of the kernel's clock in a second. (default: what fits its timers)",
      valueName: "number"))
  var hertz: UInt64?

  @Option(
    help: ArgumentHelp(
      "With --verify: the kernel's own counters, such as mapped=12036,unmapped=12012; of "
        + "\(NearestName.list(KernelCounters.names)).",
      valueName: "name=number,…"))
  var counters: String?

  /// The kernels by the names they have on the command line and in results.
  static let kernels: [(name: String, model: KernelModel)] = [
    ("linux-6.1-s390", .linux6_1s390), ("linux-6.12-s390", .linux6_12s390),
    ("linux-6.1", .linux6_1), ("linux-6.12", .linux6_12),
  ]

  /// The name of `model`.
  static func name(of model: KernelModel) -> String {
    kernels.first { $0.model == model }?.name ?? "\(model)"
  }

  /// Refuses options that mean nothing without `--verify`.
  func checkUnused() throws(ToolError) {
    let given = [
      ("--kernel", kernel != nil), ("--aperture", aperture != nil), ("--hertz", hertz != nil),
      ("--counters", counters != nil),
    ]
    if let option = given.first(where: \.1) {
      throw .usage("\(option.0) says something of a recorded kernel and needs --verify")
    }
  }

  /// What the user said of the kernel; `policies` are those of `--policy`.
  func overrides(_ policies: [PolicyChoice]) throws(ToolError) -> RecordedKernel.Overrides {
    var overrides = RecordedKernel.Overrides()
    if let kernel {
      guard let known = Self.kernels.first(where: { $0.name == kernel }) else {
        let hint = NearestName.hint(for: kernel, among: Self.kernels.map(\.name))
        throw .usage("unknown kernel '\(kernel)'; \(hint)")
      }
      overrides.kernel = known.model
    }
    if policies.count > 1 { throw .usage("--verify takes one policy: the one that was recorded") }
    if let policy = policies.first {
      try Self.check(policy)
      overrides.policy = policy.policy
    }
    if let aperture { overrides.aperture = try Self.aperture(aperture) }
    if let hertz, !(1...100_000).contains(hertz) {
      throw .usage("--hertz \(hertz): expected 1 to 100000 ticks in a second")
    }
    overrides.hertz = hertz
    return overrides
  }

  /// Refuses what no Linux kernel did.
  private static func check(_ choice: PolicyChoice) throws(ToolError) {
    let spelling = PolicySpelling.spelling(of: choice)
    if choice.modifiers != .none {
      throw .usage("--verify: no Linux kernel has the modifiers of '\(spelling)'")
    }
    switch choice.policy {
    case .identity, .rollover: throw .usage("--verify: no Linux kernel's is '\(spelling)'")
    default: return
    }
  }

  private static func aperture(_ text: String) throws(ToolError) -> IOVARange {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    do throws(SpellingError) {
      if parts.count != 2 {
        throw SpellingError(column: 1, "expected a start and a size, such as 4GiB,256MiB")
      }
      let first = try Quantity.byteCount.parse(SpellingPiece(parts[0]))
      let size = try Quantity.byteCount.parse(
        SpellingPiece(parts[1], column: parts[0].count + 2))
      guard first % 4_096 == 0, size % 4_096 == 0,
        let range = IOVARange(first: IOVA(first), byteCount: size)
      else { throw SpellingError(column: 1, "expected whole pages of 4 KiB below 16 EiB") }
      if range.last.rawValue < 8_192 {
        throw SpellingError(column: 1, "expected more than the page of address zero")
      }
      if size > 1 << 44 {
        throw SpellingError(column: parts[0].count + 2, "expected at most 16TiB")
      }
      return range
    } catch {
      throw ToolError.usage("aperture '\(text)', column \(error.column): \(error.message)")
    }
  }
}
