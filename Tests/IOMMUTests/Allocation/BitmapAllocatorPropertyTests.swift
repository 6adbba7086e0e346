import IOMMU
import TestSupport
import Testing

/// One shape of aperture and mode for the random runs.
struct BitmapScenario: CustomTestStringConvertible, Sendable {
  let firstPage: UInt64
  let pages: UInt64
  let mode: BitmapAllocator.Mode
  /// On a full run.
  let operationsMax: Int
  let seed: UInt64

  /// The operations of this run, scaled.
  var operations: Int { TestScale.count(operationsMax) }

  var testDescription: String { "\(mode), \(pages) pages from page \(firstPage)" }

  static let all = [
    BitmapScenario(firstPage: 0x10_0000, pages: 4096, mode: .lazy, operationsMax: 500_000, seed: 1),
    BitmapScenario(firstPage: 0x10_0025, pages: 1000, mode: .lazy, operationsMax: 200_000, seed: 2),
    BitmapScenario(firstPage: 0x0f_ffff, pages: 130, mode: .lazy, operationsMax: 50_000, seed: 3),
    BitmapScenario(firstPage: 0, pages: 2048, mode: .strict, operationsMax: 300_000, seed: 4),
    BitmapScenario(
      firstPage: 0xf_ffff_ffff_ff80, pages: 128, mode: .strict, operationsMax: 50_000, seed: 5),
  ]
}

@Suite("Bitmap allocator against a page-by-page model")
struct BitmapAllocatorPropertyTests {
  @Test("hands out exactly the pages of the next-fit rule", arguments: BitmapScenario.all)
  func matchesTheRule(_ scenario: BitmapScenario) throws {
    var run = BitmapRun(scenario)
    for _ in 0..<scenario.operations { try run.step() }
    try run.finish()
    #expect(run.outcomes.ranges > scenario.operations / 8)
    #expect(run.outcomes.refusals > 0)
    #expect(run.outcomes.impossible > 0)
  }
}

/// A random run of one allocator next to its model.
private struct BitmapRun: ~Copyable {
  let allocator: BitmapAllocator
  var random: SplitMix64
  var oracle: PageOracle
  var model: ReferenceNextFit
  var live: [IOVARange] = []
  var livePages: UInt64 = 0
  var target: UInt64 = 0
  var pending: [InvalidationEpoch] = []
  var outcomes = (ranges: 0, refusals: 0, impossible: 0)

  init(_ scenario: BitmapScenario) {
    let aperture = IOVARange(
      first: IOVA(scenario.firstPage << 12), byteCount: scenario.pages << 12)!
    allocator = BitmapAllocator(aperture: aperture, granule: .fourKiB, mode: scenario.mode)
    random = SplitMix64(seed: scenario.seed)
    oracle = PageOracle(aperture: aperture, granule: .fourKiB)
    model = ReferenceNextFit(isLazy: scenario.mode == .lazy)
  }

  mutating func step() throws {
    if random.oneIn(500) { target = random.below(UInt64(oracle.pages.count) + 1) }
    if random.oneIn(1000) { try begin() }
    if !pending.isEmpty && random.oneIn(4) { try end() }
    if live.isEmpty || (livePages < target ? !random.oneIn(5) : random.oneIn(5)) {
      try allocate(randomRequest())
    } else {
      try giveBack(at: Int(random.below(UInt64(live.count))))
    }
  }

  mutating func randomRequest() -> IOVARequest {
    let size =
      random.oneIn(20) ? 1 + random.below(300) : random.oneIn(3) ? 1 + random.below(16) : 1
    let hasExtras = random.oneIn(8)
    return IOVARequest(
      pages: PageCount(random.oneIn(5000) ? 0 : size),
      alignmentLog2: hasExtras ? UInt8(random.below(random.oneIn(50) ? 80 : 7)) : 0,
      boundaryMask: hasExtras
        ? (random.oneIn(50) ? random.next() : (UInt64(0x400) << random.below(14)) - 1) : .max,
      limit: hasExtras && random.oneIn(4)
        ? IOVA(oracle.aperture.first.rawValue + random.below(UInt64(oracle.pages.count) << 12))
        : IOVA(.max))
  }

  mutating func allocate(_ request: IOVARequest) throws {
    let isSound = request.boundaryMask & (request.boundaryMask &+ 1) == 0
    let expected = isSound ? model.allocate(request, oracle) : .impossible
    let result = Result { () throws(IOVAAllocationError) in
      try allocator.allocate(request, on: .boot)
    }
    let outcome: ExpectedOutcome
    switch result {
    case .success(let range):
      try oracle.take(range, for: request)
      live.append(range)
      livePages += request.pages.rawValue
      outcomes.ranges += 1
      outcome = .range(firstPage: range.first.rawValue >> 12)
    case .failure(.exhausted(request.pages, request.limit)):
      outcomes.refusals += 1
      outcome = .exhausted
    case .failure(.needsInvalidation(request.pages)):
      outcomes.refusals += 1
      outcome = .needsInvalidation
    case .failure(.impossible(request.pages, request.limit)):
      outcomes.impossible += 1
      outcome = .impossible
    case .failure(let error):
      throw OracleFault("wrong numbers: \(error)")
    }
    if outcome != expected {
      throw OracleFault("\(request): \(outcome), not \(expected)")
    }
    if outcome == .needsInvalidation {
      try begin()
      // Something may be unmapped while the invalidation is under way: it stays stale.
      if random.oneIn(2) && !live.isEmpty { try giveBack(at: 0) }
      if !random.oneIn(10) { try end() }
    }
  }

  mutating func giveBack(at index: Int) throws {
    let range = live[index]
    live[index] = live[live.count - 1]
    live.removeLast()
    livePages -= UInt64(oracle.indices(range).count)
    if allocator.mode == .lazy && !random.oneIn(50) {
      allocator.retire(range, at: Instant(nanoseconds: 0), on: .boot)
      try oracle.retire(range)
    } else {
      allocator.free(range, on: .boot)
      try oracle.giveBack(range)
    }
  }

  mutating func begin() throws {
    // Two at once are promised to be told apart exactly.
    if pending.count == 2 { try end() }
    let epoch = allocator.beginGlobalInvalidation()
    if epoch.rawValue != oracle.beginInvalidation() { throw OracleFault("wrong epoch") }
    pending.append(epoch)
  }

  mutating func end() throws {
    let epoch = pending.remove(at: random.oneIn(2) ? 0 : pending.count - 1)
    allocator.endGlobalInvalidation(epoch)
    try oracle.endInvalidation(epoch.rawValue)
    model.endInvalidation(epoch.rawValue)
    if allocator.stalePages != oracle.stalePages {
      throw OracleFault("wrong number of stale pages")
    }
  }

  /// Frees everything; all pages but the last must then be one run.
  mutating func finish() throws {
    while !live.isEmpty { try giveBack(at: 0) }
    while !pending.isEmpty { try end() }
    try begin()
    try end()
    #expect(allocator.stalePages == 0)
    let all = IOVARequest(pages: PageCount(UInt64(oracle.pages.count) - 1))
    let first = Result { () throws(IOVAAllocationError) in
      try allocator.allocate(all, on: .boot)
    }
    if first == .failure(.needsInvalidation(pages: all.pages)) {
      allocator.endGlobalInvalidation(allocator.beginGlobalInvalidation())
      let range = try allocator.allocate(all, on: .boot)
      #expect(range.first == oracle.aperture.first)
    } else {
      #expect(try first.get().first == oracle.aperture.first)
    }
  }
}
