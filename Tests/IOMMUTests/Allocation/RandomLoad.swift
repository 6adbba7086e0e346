import IOMMU
import TestSupport

/// One step of a random load.
enum LoadOperation {
  case allocate(IOVARequest, cpu: Int)
  case free(IOVARange, cpu: Int)
}

/// A random load on a tree allocator whose runs are aligned to their size, with its own books.
struct RandomLoad {
  private var random: SplitMix64
  private var oracle: PageOracle
  private let scenario: TreeScenario
  private var live: [IOVARange] = []
  private var livePages: UInt64 = 0
  private var target: UInt64 = 0
  private var onlySinglePages = false
  private(set) var ranges = 0
  private(set) var refusals = 0
  private(set) var impossible = 0

  init(_ scenario: TreeScenario) {
    self.scenario = scenario
    random = SplitMix64(seed: scenario.seed)
    oracle = PageOracle(aperture: scenario.aperture, granule: .fourKiB)
  }

  /// Reserves two ranges through `body`, which is given the range and its first and last page.
  mutating func reserve(
    _ body: (IOVARange, UInt64, UInt64) throws(IOVAAllocationError) -> Void
  ) throws {
    for place in [scenario.pages / 3, scenario.pages - 5] {
      let first = scenario.firstPage + place
      let range = IOVARange(first: IOVA(first << 12), byteCount: 3 << 12)!
      try oracle.reserve(range)
      try body(range, first, first + 2)
    }
  }

  mutating func next() -> LoadOperation {
    if random.oneIn(2000) {
      target = random.below(UInt64(oracle.pages.count))
      onlySinglePages = random.oneIn(2)
    }
    let cpu = Int(random.below(UInt64(scenario.cpus)))
    if live.isEmpty || (livePages < target ? !random.oneIn(5) : random.oneIn(5)) {
      return .allocate(request(), cpu: cpu)
    }
    let place = Int(random.below(UInt64(live.count)))
    let range = live[place]
    live[place] = live[live.count - 1]
    live.removeLast()
    forget(range)
    return .free(range, cpu: cpu)
  }

  /// Takes one of the ranges in use off the books.
  mutating func takeLive() -> IOVARange? {
    guard let range = live.popLast() else { return nil }
    forget(range)
    return range
  }

  private mutating func forget(_ range: IOVARange) {
    livePages -= UInt64(oracle.indices(range).count)
    do {
      try oracle.giveBack(range)
    } catch {
      preconditionFailure(error.message)
    }
  }

  private mutating func request() -> IOVARequest {
    let size: UInt64
    if onlySinglePages {
      size = 1
    } else if random.oneIn(20) {
      size = 1 + random.below(300)
    } else {
      size = random.oneIn(2) ? 1 + random.below(40) : 1
    }
    let hasExtras = random.oneIn(8)
    let bytes = UInt64(oracle.pages.count) << 12
    return IOVARequest(
      pages: PageCount(random.oneIn(5000) ? 0 : size),
      alignmentLog2: hasExtras ? UInt8(random.below(random.oneIn(50) ? 80 : 7)) : 0,
      boundaryMask: hasExtras
        ? (random.oneIn(50) ? random.next() : (UInt64(0x400) << random.below(14)) - 1) : .max,
      limit: hasExtras && random.oneIn(3)
        ? IOVA(scenario.aperture.first.rawValue + (random.below(bytes) | 0xfff))
        : random.oneIn(6) ? IOVA(0xffff_ffff) : IOVA((1 << 40) - 1))
  }

  /// `pages` rounded up to a power of two.
  func roundedUp(_ pages: UInt64) -> UInt64 {
    var size: UInt64 = 1
    while size < pages { size *= 2 }
    return size
  }

  /// The alignment that `request` itself asks for; zero for one that only page zero could have.
  func alignment(_ request: IOVARequest) -> UInt64 {
    1 << UInt64(request.alignmentLog2)
  }

  /// Whether an empty aperture has `size` pages, aligned to their number, for `request`.
  func isPossible(_ request: IOVARequest, size: UInt64) -> Bool {
    let unit = max(roundedUp(size), alignment(request))
    let mask = request.boundaryMask
    if request.pages.rawValue == 0 || alignment(request) == 0 { return false }
    if mask & (mask &+ 1) != 0 || mask < (request.pages.rawValue << 12) - 1 { return false }
    let end = min(scenario.firstPage + scenario.pages, (request.limit.rawValue &>> 12) + 1)
    return end >= size && (end - size) / unit * unit >= scenario.firstPage
  }

  /// Compares `outcome` with the first page that the model expects, and books it.
  mutating func check(
    _ outcome: Result<IOVARange, IOVAAllocationError>, _ request: IOVARequest,
    _ expected: UInt64?, size: UInt64
  ) throws(OracleFault) {
    switch outcome {
    case .success(let range):
      try oracle.take(range, for: request)
      live.append(range)
      livePages += request.pages.rawValue
      ranges += 1
      if range.first.rawValue >> 12 != expected {
        throw OracleFault("\(request): \(range), not page \(expected ?? 0)")
      }
    case .failure(.exhausted(request.pages, request.limit)):
      refusals += 1
      if expected != nil || !isPossible(request, size: size) {
        throw OracleFault("\(request): exhausted, not page \(expected ?? 0)")
      }
    case .failure(.impossible(request.pages, request.limit)):
      impossible += 1
      if isPossible(request, size: size) { throw OracleFault("\(request): not impossible") }
    case .failure(let error):
      throw OracleFault("\(request): \(error)")
    }
  }

  mutating func isTimeToReclaim() -> Bool { random.oneIn(300) }

  /// The largest power of two of pages that could be in one run now.
  var largestRun: UInt64 {
    var size: UInt64 = 1 << 20
    while size > 1 {
      var page = (scenario.firstPage + size - 1) / size * size
      while page + size <= scenario.firstPage + scenario.pages {
        let first = Int(page - scenario.firstPage)
        if oracle.isFree(first..<first + Int(size)) { return size }
        page += size
      }
      size /= 2
    }
    return size
  }
}
