import IOMMU

/// What each page of an aperture is, told page by page: no words, no lists, no laziness.
///
/// Verified with it: who may be given which page, the counts, the times, the truth of refusals.
/// Not verified: memory orders, which only real threads show.
struct RolloverOracle {
  enum Page: UInt8 { case free, live, stale, reserved }

  /// A page's state, and for a stale one the invalidations begun and the time when it was retired.
  private(set) var pages: [Page]
  private var stamps: [UInt64]
  private var times: [UInt64]
  /// The range invalidation that covers a stale page, 0 for none, and the one that has its chunk.
  private var cleaners: [UInt64]
  private var holders: [UInt64]
  /// The number of the first page in the device's space; chunks are multiples of 256 there.
  let basePage: Int
  private(set) var started: UInt64 = 0
  private(set) var finished: UInt64 = 0

  init(basePage: Int, pages count: Int) {
    self.basePage = basePage
    pages = Array(repeating: .free, count: count)
    stamps = Array(repeating: 0, count: count)
    times = Array(repeating: 0, count: count)
    cleaners = Array(repeating: 0, count: count)
    holders = Array(repeating: 0, count: (basePage + count) / 256 + 1)
  }

  private func chunk(of page: Int) -> Int { (basePage + page) / 256 }

  /// The pages of chunk `number` that lie in the aperture.
  private func members(ofChunk number: Int) -> Range<Int> {
    max(number * 256 - basePage, 0)..<min(number * 256 + 256 - basePage, pages.count)
  }

  func isStale(_ page: Int) -> Bool { pages[page] == .stale && stamps[page] >= finished }

  func isFree(_ page: Int) -> Bool {
    pages[page] == .free || (pages[page] == .stale && stamps[page] < finished)
  }

  mutating func reserve(_ range: Range<Int>) {
    for page in range { pages[page] = .reserved }
  }

  /// Whether every page could be handed out; if so they are live now.
  mutating func take(_ range: Range<Int>) -> Bool {
    for page in range where !isFree(page) { return false }
    for page in range {
      pages[page] = .live
      cleaners[page] = 0
    }
    return true
  }

  mutating func free(_ range: Range<Int>) {
    for page in range { pages[page] = .free }
  }

  /// A chunk has one stamp: its stale pages wait together for the latest invalidation of any.
  mutating func retire(_ range: Range<Int>, at now: UInt64) {
    for number in chunk(of: range.lowerBound)...chunk(of: range.upperBound - 1) {
      let members = members(ofChunk: number)
      for page in members where isStale(page) && stamps[page] != started {
        stamps[page] = started
      }
      for page in range.clamped(to: members) {
        pages[page] = .stale
        stamps[page] = started
        times[page] = now
      }
    }
  }

  mutating func beginGlobal() -> UInt64 {
    started += 1
    return started
  }

  mutating func endGlobal(_ epoch: UInt64) {
    finished = max(finished, epoch)
  }

  /// Begins a range invalidation and returns the number of pages that it covers.
  mutating func beginRange(_ range: Range<Int>, ticket: UInt64) -> Int {
    var total = 0
    for number in chunk(of: range.lowerBound)...chunk(of: range.upperBound - 1) {
      if holders[number] != 0 { continue }
      let stale = members(ofChunk: number).filter { isStale($0) }
      let covered = stale.filter { range.contains($0) }
      if covered.isEmpty { continue }
      holders[number] = ticket
      total += covered.count
      for page in covered { cleaners[page] = ticket }
      // A chunk remembers one time: those left waiting count as old as the oldest.
      let oldest = stale.map { times[$0] }.min() ?? 0
      for page in stale where !range.contains(page) { times[page] = oldest }
    }
    return total
  }

  mutating func endRange(_ range: Range<Int>, ticket: UInt64, succeeded: Bool) {
    for number in chunk(of: range.lowerBound)...chunk(of: range.upperBound - 1)
    where holders[number] == ticket {
      holders[number] = 0
      for page in members(ofChunk: number) where cleaners[page] == ticket {
        cleaners[page] = 0
        if succeeded, pages[page] == .stale { pages[page] = .free }
      }
    }
  }

  var staleCount: Int {
    var total = 0
    for page in pages.indices where isStale(page) { total += 1 }
    return total
  }

  var liveCount: Int {
    var total = 0
    for page in pages.indices where pages[page] == .live { total += 1 }
    return total
  }

  var oldestStale: UInt64? {
    var oldest: UInt64?
    for page in pages.indices where isStale(page) { oldest = min(oldest ?? .max, times[page]) }
    return oldest
  }

  /// When a stale page was retired.
  func time(of page: Int) -> UInt64 { times[page] }

  /// Whether any range invalidation has begun on the chunk of `page`.
  func isHeld(_ page: Int) -> Bool { holders[chunk(of: page)] != 0 }

  /// Whether a run of pages that pass `isUsable` meets the request.
  func hasRun(_ request: Request, where isUsable: (Int) -> Bool) -> Bool {
    var run = 0
    for page in pages.indices.reversed() {
      run = isUsable(page) ? run + 1 : 0
      if run >= request.pages, request.allows(first: basePage + page) { return true }
    }
    return false
  }

  /// A request in page numbers of the device's space.
  struct Request {
    var pages: Int
    var alignmentLog2: Int = 0
    var blockLog2: Int?
    var lastPage: Int = .max

    func allows(first: Int) -> Bool {
      let last = first + pages - 1
      if first % (1 << alignmentLog2) != 0 || last > lastPage { return false }
      guard let blockLog2 else { return true }
      return first >> blockLog2 == last >> blockLog2
    }
  }
}
