import IOMMU

/// What a seed draws before the first step: the machine, who is on it, and how often what happens.
struct SimulationPlan {
  let machine: MachineDescription
  /// The number of each function's group.
  let groupOfFunction: [Int]
  let groupCount: Int
  /// Whether each function's device is trusted with stale translations.
  let isTrusted: [Bool]
  /// The weights of all kinds, summed up.
  let sums: [UInt64]
  /// Steps with faults, and after them steps without, over and over.
  let faultySteps: Int
  let quietSteps: Int
  /// The number of buffer pages that mappings are made of.
  let bufferPages: Int
  let domainsMax: Int
  let busyRetryLimit = 8

  init(_ options: SimulationOptions) {
    let seed = options.seed
    var random = RandomStream(seed: seed, name: "machine")
    var policies = RandomStream(seed: seed, name: "policies")
    let hasIdentity =
      options.policies.isEmpty
      ? policies.oneIn(8) : options.policies.contains { $0.policy == .identity }
    machine = Self.machine(&random, hasIdentity: hasIdentity)
    var groups = RandomStream(seed: seed, name: "groups")
    let functions = groups.pick([1, 1, 2, 2, 3, 4])
    let count = groups.pick(1...functions)
    groupCount = count
    groupOfFunction = (0..<functions).map { $0 < count ? $0 : groups.pick(0...(count - 1)) }
    isTrusted = (0..<functions).map { _ in !groups.oneIn(25) }
    var weights = RandomStream(seed: seed, name: "weights")
    var sum: UInt64 = 0
    sums = SimulatedKind.allCases.map { kind in
      // Swarm: a run does much of one thing and nothing of another.
      let factor = weights.pick(kind.isOptional ? [0, 0, 1, 2, 2, 4] : [1, 2, 4])
      sum += kind.weight * UInt64(factor)
      return sum
    }
    faultySteps = weights.pick([150, 400, 1_000, 2_500])
    quietSteps = weights.pick([50, 150, 300])
    bufferPages = 1_024
    domainsMax = weights.pick(1...3)
  }

  /// Draws what a step does.
  func kind(_ random: inout StepRandom) -> SimulatedKind {
    let draw = random.word().multipliedFullWidth(by: sums.last ?? 1).high
    // The first whose sum is larger: never one that weighs nothing.
    var low = 0
    var high = sums.count - 1
    while low < high {
      let middle = (low + high) / 2
      if draw < sums[middle] { high = middle } else { low = middle + 1 }
    }
    return Self.kinds[low]
  }

  private static let kinds = SimulatedKind.allCases

  /// Whether invalidations always work, and fast.
  var keepsBounds: Bool {
    if draws(.refuse) || draws(.outOfResources) || machine.refresh.pinnedPagesMax != nil {
      return false
    }
    let pages = machine.apertureBytes >> 12
    let refresh =
      machine.refresh.trapNanoseconds + pages * machine.refresh.pageScannedPicoseconds / 1_000
    return refresh * UInt64(groupOfFunction.count) <= 20_000
  }

  /// Whether the kind ever comes.
  private func draws(_ kind: SimulatedKind) -> Bool {
    sums[kind.rawValue] > (kind.rawValue > 0 ? sums[kind.rawValue - 1] : 0)
  }

  private static func machine(
    _ random: inout RandomStream, hasIdentity: Bool
  ) -> MachineDescription {
    var machine = MachineDescription(name: "drawn")
    machine.cpus = random.pick(1...4)
    machine.memoryBytes = 16 << 20
    machine.tableMemoryBytes = 1 << 20
    machine.apertureFirst = random.pick([0, 1 << 20, 1 << 31, 1 << 32, 2 << 40])
    // Without translation the aperture has to reach all memory.
    machine.apertureBytes = hasIdentity ? 16 << 20 : UInt64(random.pick([1, 1, 2, 3, 8])) << 20
    machine.allowsIdentity = hasIdentity
    machine.translation = random.oneIn(3) ? .direct : .shadowed
    machine.timerHertz = random.pick([1, 100, 250, 1_000, 10_000])
    machine.freedBuffers = random.oneIn(2) ? .poisoned : .kept
    machine.refresh.trapNanoseconds = random.pick([0, 500, 2_000, 10_000])
    machine.refresh.pageScannedPicoseconds = random.pick([0, 10_000, 100_000])
    machine.refresh.absentTables = random.oneIn(2) ? .scanned : .skipped
    if random.oneIn(5) { machine.refresh.pinnedPagesMax = UInt64(random.pick(40...900)) }
    machine.costs.clockPicoseconds = random.pick([1, 1_000, 20_000])
    return machine
  }
}

/// What is drawn for one domain.
struct DomainPlan {
  let choice: PolicyChoice
  let aperture: IOVARange
  let kernel: TreeFlavour
  let options: PagingDomainOptions

  init(
    _ random: inout StepRandom, _ machine: MachineDescription, _ policies: [PolicyChoice]
  ) {
    choice =
      random.element(of: policies)
      ?? PolicyChoice(
        Self.policy(&random, machine), PolicyModifiers(rawValue: UInt8(random.below(8))))
    let all = Int(machine.apertureBytes >> 12)
    let most = min(all - 1, [4, 24, 100, 300, 700, 2_000][random.below(6)])
    let pages = 1 + random.below(most)
    // Page 0 is never handed out by some allocators, so no aperture begins there.
    let first = machine.apertureFirst + UInt64(1 + random.below(all - pages)) << 12
    aperture =
      IOVARange(first: IOVA(first), byteCount: UInt64(pages) << 12)
      ?? IOVARange(byte: IOVA(first)).aligned(to: .fourKiB)
    kernel = random.oneIn(2) ? .linux6_1 : .linux6_12
    var limits = DeviceLimits()
    if random.oneIn(4) {
      limits = DeviceLimits(
        mask: random.oneIn(2) ? .max : aperture.first.rawValue + UInt64(random.below(pages)) << 12,
        maxSegmentBytes: random.oneIn(2) ? .max : UInt64(1 + random.below(20_000)),
        segmentBoundaryMask: random.oneIn(2) ? .max : (4_096 << UInt64(random.below(8))) - 1,
        maxSegments: random.oneIn(2) ? .max : 1 + random.below(20))
    }
    options = PagingDomainOptions(
      processors: random.oneIn(3) ? 1 + random.below(machine.cpus) : machine.cpus,
      modifiers: choice.modifiers, cost: machine.invalidationCost, limits: limits,
      reuseSlotsLog2: 1 + random.below(7),
      emptyTableLimit: [1, 2, 3, 1_024][random.below(4)])
  }

  private static func policy(
    _ random: inout StepRandom, _ machine: MachineDescription
  ) -> InvalidationPolicy {
    let time = Nanoseconds(UInt64(20_000 << random.below(9)))
    let age = Nanoseconds(UInt64(50_000 << random.below(7)))
    let share = StaleShare(perMille: UInt16(1 + random.below(1_000)))
    switch random.below(machine.allowsIdentity ? 12 : 10) {
    case 0: return .strict
    case 1: return .legacy
    case 2: return .legacyStrict
    case 3, 4: return .queue(entries: 2 << random.below(6), timeout: time)
    case 5: return .singleQueue(entries: 2 << random.below(6), timeout: time)
    case 6: return .rollover(age: nil, stale: nil)
    case 7: return .rollover(age: age, stale: nil)
    case 8: return .rollover(age: nil, stale: share)
    case 9: return .rollover(age: age, stale: share)
    default: return .identity
    }
  }
}

extension DomainPlan: CustomStringConvertible {
  /// One line for a person.
  var description: String {
    let pages = aperture.pageCount(of: .fourKiB).rawValue
    return "\(choice.policy), modifiers \(choice.modifiers.rawValue), \(pages) pages from "
      + "\(aperture.first.hex), \(kernel), \(options.processors) processors, mask "
      + "\(IOVA(options.limits.mask).hex), reuse slots 2^\(options.reuseSlotsLog2), "
      + "\(options.emptyTableLimit) empty tables"
  }
}
