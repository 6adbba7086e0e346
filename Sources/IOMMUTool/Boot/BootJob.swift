import IOMMU
import MachineModel
import Workloads

/// What the image is asked to do in one run, and how that is said on its command line.
struct BootJob: Sendable {
  /// The policy.
  var choice: PolicyChoice

  /// The rounds of requests.
  var plan: RoundPlan

  /// Rounds before the measurement.
  var warmUp: Int

  /// Rounds of the measurement.
  var rounds: Int

  /// The size of the domain's aperture in bytes.
  var apertureBytes: UInt64

  /// On how many processors, and how they learn of completions.
  var way = BootWay()

  /// Numbers by name, as Platforms/s390x/Kernel/Job.swift reads them.
  var commandLine: String {
    var words: [(String, UInt64)] = []
    switch choice.policy {
    case .identity: words = [("policy", 0)]
    case .strict: words = [("policy", 1)]
    case .legacy: words = [("policy", 2)]
    case .legacyStrict: words = [("policy", 3)]
    case .queue(let entries, let timeout):
      words = [("policy", 4), ("entries", UInt64(entries)), ("timeout", timeout.rawValue)]
    case .singleQueue(let entries, let timeout):
      words = [("policy", 5), ("entries", UInt64(entries)), ("timeout", timeout.rawValue)]
    case .rollover(let age, let stale):
      words = [("policy", 6)]
      if let age { words.append(("age", age.rawValue)) }
      if let stale { words.append(("stale", UInt64(stale.perMille))) }
    }
    words += [
      ("modifiers", UInt64(choice.modifiers.rawValue)), ("aperture", apertureBytes),
      ("depth", UInt64(plan.depth)), ("writes", UInt64(plan.writePercent)),
      ("buffers", UInt64(plan.buffersPerPlace)), ("seed", plan.seed), ("disk", plan.blockCount),
      ("warm", UInt64(warmUp)), ("rounds", UInt64(rounds)),
    ]
    words += way.words
    var lists = [
      ("blocks", plan.sizes.map { UInt64($0.blocks) }),
      ("weights", plan.sizes.map { UInt64($0.weight) }),
    ]
    if plan.pageOffsets != [0] { lists.append(("offsets", plan.pageOffsets)) }
    return
      (words.map { "\($0.0)=\($0.1)" }
      + lists.map { "\($0.0)=" + $0.1.map { "\($0)" }.joined(separator: ",") })
      .joined(separator: " ")
  }
}
