import IOMMU

/// What each page of an aperture is, told page by page: no words, no lists, no laziness.
///
/// Verified with it: who may be given which page, the counts, the times, the truth of refusals.
/// Not verified: memory orders, which only real threads show.
final class RolloverOracle {
  static let free: UInt8 = 0
  static let live: UInt8 = 1
  static let stale: UInt8 = 2
  static let reserved: UInt8 = 3

  /// A page's state, and for a stale one the time when it was retired.
  private(set) var pages: [UInt8]
  private var times: [UInt64]
  /// For each chunk the invalidations that had begun when a page of it was last retired: its stale
  /// pages wait together, for the one that the last of them needs.
  private var stamps: [UInt64]
  /// The range invalidation that covers a stale page, 0 for none, and the one that has its chunk.
  private var cleaners: [UInt64]
  private var holders: [UInt64]
  /// The number of the first page in the device's space; chunks are multiples of 256 there.
  let basePage: Int
  private(set) var started: UInt64 = 0
  private(set) var finished: UInt64 = 0

  init(basePage: Int, pages count: Int) {
    self.basePage = basePage
    pages = Array(repeating: Self.free, count: count)
    times = Array(repeating: 0, count: count)
    cleaners = Array(repeating: 0, count: count)
    stamps = Array(repeating: 0, count: (basePage + count) / 256 + 1)
    holders = Array(repeating: 0, count: (basePage + count) / 256 + 1)
  }

  private func chunk(of page: Int) -> Int { (basePage + page) / 256 }

  /// The pages of chunk `number` that lie in the aperture.
  private func members(ofChunk number: Int) -> Range<Int> {
    max(number * 256 - basePage, 0)..<min(number * 256 + 256 - basePage, pages.count)
  }

  func isStale(_ page: Int) -> Bool {
    pages[page] == Self.stale && stamps[chunk(of: page)] >= finished
  }

  func isFree(_ page: Int) -> Bool {
    pages[page] == Self.free || (pages[page] == Self.stale && stamps[chunk(of: page)] < finished)
  }

  func reserve(_ range: Range<Int>) {
    for page in range { pages[page] = Self.reserved }
  }

  /// Whether every page could be handed out; they are live from here on.
  func take(_ range: Range<Int>) -> Bool {
    var page = range.lowerBound
    while page < range.upperBound {
      if !isFree(page) { return false }
      pages[page] = Self.live
      cleaners[page] = 0
      page += 1
    }
    return true
  }

  func free(_ range: Range<Int>) {
    for page in range { pages[page] = Self.free }
  }

  func retire(_ range: Range<Int>, at now: UInt64) {
    for number in chunk(of: range.lowerBound)...chunk(of: range.upperBound - 1) {
      let members = members(ofChunk: number)
      if stamps[number] < finished {
        for page in members where pages[page] == Self.stale { pages[page] = Self.free }
      }
      stamps[number] = started
      for page in range.clamped(to: members) {
        pages[page] = Self.stale
        times[page] = now
      }
    }
  }

  func beginGlobal() -> UInt64 {
    started += 1
    return started
  }

  func endGlobal(_ epoch: UInt64) {
    finished = max(finished, epoch)
  }

  /// Begins a range invalidation and returns the number of pages that it covers.
  func beginRange(_ range: Range<Int>, ticket: UInt64) -> Int {
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

  func endRange(_ range: Range<Int>, ticket: UInt64, succeeded: Bool) {
    for number in chunk(of: range.lowerBound)...chunk(of: range.upperBound - 1)
    where holders[number] == ticket {
      holders[number] = 0
      for page in members(ofChunk: number) where cleaners[page] == ticket {
        cleaners[page] = 0
        if succeeded, pages[page] == Self.stale { pages[page] = Self.free }
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
    for page in pages.indices where pages[page] == Self.live { total += 1 }
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

  /// Whether a run meets the request: among free pages, with stale ones, and with all pages.
  ///
  /// A plain loop: in a debug build, closures and ranges would take most of a run's time.
  func runs(for request: Request) -> (now: Bool, soon: Bool, ever: Bool) {
    var (now, soon, ever) = (0, 0, 0)
    var found = (now: false, soon: false, ever: false)
    let states = pages
    let stamps = stamps
    let (wanted, basePage, finished) = (request.pages, basePage, finished)
    var page = states.count
    while page > 0 {
      page -= 1
      let state = states[page]
      let isStale = state == 2
      let isFree = state == 0 || (isStale && stamps[(basePage + page) / 256] < finished)
      now = isFree ? now + 1 : 0
      soon = isFree || isStale ? soon + 1 : 0
      ever += 1
      let isNews =
        (ever >= wanted && !found.ever) || (soon >= wanted && !found.soon) || now >= wanted
      if isNews, request.allows(first: basePage + page) {
        found = (now >= wanted, found.soon || soon >= wanted, true)
        if found.now { return found }
      }
    }
    return found
  }

  /// Whether a run of free pages that lies within a chunk meets the request.
  func hasRunInChunk(_ request: Request) -> Bool {
    var run = 0
    for page in pages.indices.reversed() {
      if (basePage + page) % 256 == 255 { run = 0 }
      run = isFree(page) ? run + 1 : 0
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
