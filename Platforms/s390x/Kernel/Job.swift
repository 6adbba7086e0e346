import IOMMU
import Workloads

/// What the command line asks for: a policy, and the rounds of a workload.
///
/// Words, all numbers: `policy` (0 identity, 1 strict, 2 legacy, 3 legacy-strict, 4 queue, 5 single
/// queue, 6 rollover), `entries` and `timeout` (nanoseconds) of queues, `age` (nanoseconds) and
/// `stale` (thousandths of the aperture) of rollover, `modifiers` (1 batch, 2 reuse, 4 piggyback),
/// `kernel` (601 or 612), `aperture` (bytes); `depth`, `blocks` and `weights` (lists), `writes`
/// (per cent), `buffers` (of each place), `offsets` (a list of bytes), `seed`, `disk` (blocks),
/// `warm` and `rounds`; `processors` (1 to 4) that share the rounds, and `interrupts` (1: instead
/// of polling); `trap` (a list of processors), which run into a mistake, to see what is told.
struct Job {
  var choice: PolicyChoice
  var kernel: TreeFlavour
  var apertureBytes: UInt64
  var plan: RoundPlan
  var warmUp: Int
  var rounds: Int
  var processors: Int
  var usesInterrupts: Bool
  /// Processors that run into a mistake, a bit each.
  var traps: UInt64 = 0

  /// The job that the command line describes; `nil` where it does not.
  init?() {
    guard let policy = Self.policy() else { return nil }
    let modifiers = UInt8(truncatingIfNeeded: CommandLine.number("modifiers") ?? 0)
    choice = PolicyChoice(policy, PolicyModifiers(rawValue: modifiers))
    kernel = CommandLine.number("kernel") == 612 ? .linux6_12 : .linux6_1
    apertureBytes = CommandLine.number("aperture") ?? 1 << 30
    var sizes: [RoundPlan.Size] = []
    CommandLine.numbers("blocks") {
      sizes.append(RoundPlan.Size(blocks: UInt32(truncatingIfNeeded: $0), weight: 1))
    }
    var index = 0
    CommandLine.numbers("weights") {
      if index < sizes.count { sizes[index].weight = UInt32(truncatingIfNeeded: $0) }
      index += 1
    }
    var offsets: [UInt64] = []
    CommandLine.numbers("offsets") { offsets.append($0) }
    plan = RoundPlan(
      depth: Int(truncatingIfNeeded: CommandLine.number("depth") ?? 0), sizes: sizes,
      writePercent: UInt32(truncatingIfNeeded: CommandLine.number("writes") ?? 0),
      buffersPerPlace: Int(truncatingIfNeeded: CommandLine.number("buffers") ?? 1),
      seed: CommandLine.number("seed") ?? 1, blockCount: CommandLine.number("disk") ?? 0,
      pageOffsets: offsets.isEmpty ? [0] : offsets)
    warmUp = Int(truncatingIfNeeded: CommandLine.number("warm") ?? 8)
    rounds = Int(truncatingIfNeeded: CommandLine.number("rounds") ?? 0)
    processors = Int(truncatingIfNeeded: CommandLine.number("processors") ?? 1)
    usesInterrupts = CommandLine.number("interrupts") == 1
    var traps: UInt64 = 0
    CommandLine.numbers("trap") { traps |= 1 << $0 }
    self.traps = traps
    if processors < 1 || processors > 4 || !plan.part(0, of: processors).isValid { return nil }
    if !plan.isValid || warmUp < 0 || rounds < 1 { return nil }
    if apertureBytes < 1 << 20 || apertureBytes % 4_096 != 0 { return nil }
  }

  private static func policy() -> InvalidationPolicy? {
    let entries = Int(truncatingIfNeeded: CommandLine.number("entries") ?? 256)
    let timeout = Nanoseconds(CommandLine.number("timeout") ?? 10_000_000)
    switch CommandLine.number("policy") {
    case 0: return .identity
    case 1: return .strict
    case 2: return .legacy
    case 3: return .legacyStrict
    case 4: return .queue(entries: entries, timeout: timeout)
    case 5: return .singleQueue(entries: entries, timeout: timeout)
    case 6:
      let age = CommandLine.number("age").map { Nanoseconds($0) }
      let stale = CommandLine.number("stale").flatMap {
        StaleShare(perMille: UInt16(clamping: $0))
      }
      return .rollover(age: age, stale: stale)
    default: return nil
    }
  }
}
