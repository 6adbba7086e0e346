import IOMMU
import TestSupport

/// Random work on an allocator, each step of which an oracle judges.
struct RolloverDriver: ~Copyable {
  /// What distinguishes one run from another.
  struct Setting: Sendable, CustomStringConvertible {
    var seed: UInt64
    var cpus: Int
    var basePage: Int
    var pages: Int
    var steps: Int
    /// How many invalidations may have begun since the last that ended.
    var unfinishedMax: UInt64 = 3
    var description: String { "seed \(seed), \(cpus) CPUs, \(pages) pages from \(basePage)" }
  }

  /// What went wrong, and when.
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  let setting: Setting
  let allocator: RolloverAllocator
  let oracle: RolloverOracle
  var random: SplitMix64
  var step = 0
  var now: UInt64 = 1
  var held: [Range<Int>] = []
  var epochs: [InvalidationEpoch] = []
  var cleanings: [(RangeInvalidation, Range<Int>)] = []
  /// What the oracle calls each of `cleanings`.
  var tickets: [UInt64] = []
  /// The share of the aperture, in percent, up to which pages are taken; changes now and then.
  var fill = 100
  var livePages = 0
  /// How often each answer was given: a run that never saw one proves little.
  var answers = (taken: 0, needed: 0, early: 0, exhausted: 0, impossible: 0, widened: 0)

  static let page: UInt64 = 4096

  init(_ setting: Setting) {
    self.setting = setting
    let first = IOVA(UInt64(setting.basePage) * Self.page)
    guard
      let aperture = IOVARange(first: first, byteCount: UInt64(setting.pages) * Self.page)
    else { preconditionFailure("no aperture") }
    allocator = RolloverAllocator(aperture: aperture, granule: .fourKiB, cpus: setting.cpus)
    oracle = RolloverOracle(basePage: setting.basePage, pages: setting.pages)
    random = SplitMix64(seed: setting.seed)
  }

  func check(_ isTrue: Bool, _ what: @autoclosure () -> String) throws(Failure) {
    if !isTrue { throw Failure(description: "\(setting), step \(step): \(what())") }
  }

  mutating func cpu() -> CPUIndex {
    CPUIndex(Int(random.below(UInt64(setting.cpus))))
  }

  func range(_ pages: Range<Int>) -> IOVARange {
    let first = IOVA(UInt64(setting.basePage + pages.lowerBound) * Self.page)
    guard let range = IOVARange(first: first, byteCount: UInt64(pages.count) * Self.page) else {
      preconditionFailure("no range")
    }
    return range
  }

  func pages(_ range: IOVARange) -> Range<Int> {
    let first = Int(range.first.rawValue / Self.page) - setting.basePage
    let last = Int(range.last.rawValue / Self.page) - setting.basePage
    return first..<(last + 1)
  }

  /// Takes pages by a request, and judges the answer.
  mutating func allocate(_ request: RolloverOracle.Request) throws(Failure) {
    let mask = request.blockLog2.map { (UInt64(1) << UInt64($0 + 12)) - 1 } ?? .max
    let limit = request.lastPage == .max ? .max : UInt64(request.lastPage) * Self.page + 4095
    let asked = IOVARequest(
      pages: PageCount(UInt64(request.pages)), alignmentLog2: UInt8(request.alignmentLog2),
      boundaryMask: mask, limit: IOVA(limit))
    let given: Range<Int>
    do throws(IOVAAllocationError) {
      given = pages(try allocator.allocate(asked, on: cpu()))
    } catch {
      return try judge(error, of: request)
    }
    answers.taken += 1
    try check(given.count == request.pages, "asked for \(request.pages), got \(given)")
    try check(given.lowerBound >= 0 && given.upperBound <= setting.pages, "\(given) is outside")
    try check(request.allows(first: given.lowerBound + setting.basePage), "\(given) for \(request)")
    try check(oracle.take(given), "\(given) was not free")
    held.append(given)
    livePages += given.count
  }

  private mutating func judge(
    _ error: IOVAAllocationError, of request: RolloverOracle.Request
  ) throws(Failure) {
    let (canNow, canSoon, canEver) = oracle.runs(for: request)
    if case .needsInvalidation = error {
      // Few runs that would do are looked at, and none across chunks while an invalidation is sure
      // to do.
      if oracle.hasRunInChunk(request) { answers.early += 1 }
    } else {
      try check(!canNow, "\(error) for \(request), but there is a run")
    }
    switch error {
    case .needsInvalidation:
      answers.needed += 1
      try check(canSoon, "an invalidation would not help \(request)")
      if random.oneIn(3) {
        epochs.append(allocator.beginGlobalInvalidation())
        _ = oracle.beginGlobal()
        endGlobal(at: epochs.count - 1)
      }
    case .exhausted:
      answers.exhausted += 1
      try check(!canSoon && canEver, "\(request) is not exhausted: \(canSoon), \(canEver)")
    case .impossible:
      answers.impossible += 1
      try check(!canEver, "\(request) is possible")
    }
  }
}
