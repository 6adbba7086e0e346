import IOMMU
import TestSupport
import Testing

/// One shape of aperture and kernel for the random runs.
struct TreeScenario: CustomTestStringConvertible, Sendable {
  let firstPage: UInt64
  let pages: UInt64
  let flavour: TreeFlavour
  let cpus: Int
  let forceDAC: Bool
  /// On a full run.
  let operationsMax: Int
  let seed: UInt64

  /// The operations of this run, scaled.
  var operations: Int { TestScale.count(operationsMax) }

  var testDescription: String {
    "\(flavour), \(cpus) processors, \(pages) pages from page \(firstPage), forceDAC \(forceDAC)"
  }

  var aperture: IOVARange { IOVARange(first: IOVA(firstPage << 12), byteCount: pages << 12)! }

  static let cached = [
    TreeScenario(
      firstPage: 0xf_f000, pages: 8192, flavour: .linux6_1, cpus: 1, forceDAC: false,
      operationsMax: 100_000, seed: 11),
    TreeScenario(
      firstPage: 0xf_f800, pages: 4096, flavour: .linux6_12, cpus: 2, forceDAC: false,
      operationsMax: 400_000, seed: 12),
    TreeScenario(
      firstPage: 0x10_0000, pages: 2048, flavour: .linux6_12, cpus: 1, forceDAC: true,
      operationsMax: 200_000, seed: 13),
    TreeScenario(
      firstPage: 1, pages: 1000, flavour: .linux6_1, cpus: 2, forceDAC: false,
      operationsMax: 300_000, seed: 14),
  ]

  static let bare = [
    TreeScenario(
      firstPage: 0xf_fc00, pages: 2048, flavour: .linux6_12, cpus: 1, forceDAC: false,
      operationsMax: 500_000, seed: 21),
    TreeScenario(
      firstPage: 1, pages: 700, flavour: .linux6_12, cpus: 1, forceDAC: false,
      operationsMax: 500_000, seed: 22),
  ]
}

@Suite("Tree allocators against a sorted array")
struct TreeAllocatorPropertyTests {
  @Test("the tree hands out exactly the runs of Linux's search", arguments: TreeScenario.bare)
  func treeMatches(_ scenario: TreeScenario) throws {
    let tree = IOVATree(aperture: scenario.aperture, granule: .fourKiB, capacity: 10_000)
    var model = ReferenceTree(firstPage: scenario.firstPage, end32: 1 << 20)
    var load = RandomLoad(scenario)
    try load.reserve { range, first, last throws(IOVAAllocationError) in
      try tree.reserve(range)
      model.reserve(first, last)
    }
    for _ in 0..<scenario.operations {
      switch load.next() {
      case .allocate(let request, _):
        let end = min(scenario.firstPage + scenario.pages, (request.limit.rawValue &>> 12) + 1)
        let outcome = Result { () throws(IOVAAllocationError) in
          try tree.allocate(request, on: .boot)
        }
        let expected =
          load.isPossible(request, size: request.pages.rawValue)
          ? model.take(request.pages.rawValue, alignment: load.alignment(request), below: end)
          : nil
        try load.check(outcome, request, expected, size: request.pages.rawValue)
      case .free(let range, _):
        tree.free(range, on: .boot)
        if !model.remove(range.first.rawValue >> 12) { throw OracleFault("unknown to the model") }
      }
    }
    #expect(load.ranges > scenario.operations / 8 && load.refusals > 0 && load.impossible > 0)
    while let range = load.takeLive() { tree.free(range, on: .boot) }
    // One run over all of the largest power of two that fits shows that nothing was lost.
    let half = IOVARequest(pages: PageCount(load.largestRun))
    #expect(throws: Never.self) { try tree.allocate(half, on: .boot) }
  }

  @Test("with magazines, too, every run is Linux's", arguments: TreeScenario.cached)
  func allocatorMatches(_ scenario: TreeScenario) throws {
    let allocator = TreeAllocator(
      aperture: scenario.aperture, granule: .fourKiB, flavour: scenario.flavour,
      cpus: scenario.cpus, forceDAC: scenario.forceDAC, capacity: 10_000)
    var model = ReferenceTreeAllocator(
      aperture: scenario.aperture, flavour: scenario.flavour, cpus: scenario.cpus,
      forceDAC: scenario.forceDAC)
    var load = RandomLoad(scenario)
    try load.reserve { range, first, last throws(IOVAAllocationError) in
      try allocator.reserve(range)
      model.tree.reserve(first, last)
    }
    var now = Instant(nanoseconds: 0)
    for _ in 0..<scenario.operations {
      switch load.next() {
      case .allocate(let request, let cpu):
        let pages = request.pages.rawValue
        let size = pages <= 32 ? load.roundedUp(pages) : pages
        let outcome = Result { () throws(IOVAAllocationError) in
          try allocator.allocate(request, on: CPUIndex(cpu))
        }
        let expected =
          load.isPossible(request, size: size)
          ? model.allocate(
            pages, alignment: load.alignment(request), end: (request.limit.rawValue &>> 12) + 1,
            cpu: cpu) : nil
        try load.check(outcome, request, expected, size: size)
      case .free(let range, let cpu):
        allocator.free(range, on: CPUIndex(cpu))
        model.free(
          range.first.rawValue >> 12, range.pageCount(of: .fourKiB).rawValue, cpu: cpu)
      }
      if let due = allocator.nextUpkeep(now: now), load.isTimeToReclaim() {
        // No delay began later than now, so that all depots that wait are due together.
        now = due.advanced(by: .milliseconds(100))
        allocator.upkeep(now: now)
        model.reclaim()
      }
    }
    #expect(load.ranges > scenario.operations / 8 && load.refusals > 0 && load.impossible > 0)
    while let range = load.takeLive() { allocator.free(range, on: .boot) }
    let half = IOVARequest(pages: PageCount(load.largestRun))
    #expect(throws: Never.self) { try allocator.allocate(half, on: .boot) }
  }
}
