import IOMMU

/// What every page of an aperture is, told by the domain's own reports and nothing else.
///
/// The checkers compare this with what devices and caches really do. It also keeps the exact stale
/// window: from each page's unmap to the end of the first invalidation that began later and left no
/// device a way to the page. What happened before what is told by the order of the reports, not by
/// clocks: those of the machine's processors run apart.
final class MappingLedger {
  enum PageState: UInt8 {
    case free
    case live
    case stale
    case quarantined
  }

  struct Page {
    var state = PageState.free
    var allowsWrite = false
    var isUsable = false
    /// The unmap call has returned to its caller.
    var hasReturned = false
    /// The number of invalidations that had begun when it became stale; it wraps around.
    var epoch: UInt32 = 0
    /// The number of the page in memory.
    var frame: UInt64 = 0
    /// When it became stale, in nanoseconds.
    var since: UInt64 = 0
  }

  let aperture: IOVARange
  private let firstPage: UInt64
  private(set) var pages: [Page]
  /// Pages that became stale and were not looked at since, each once however often it did.
  private var staleList: [UInt32] = []
  private var isListed: [Bool]
  private(set) var staleCount = 0
  private(set) var liveCount = 0
  private(set) var window = StaleWindowSum()
  private var windowStart: UInt64 = 0
  private var isWindowOpen = true
  private var epoch: UInt32 = 0

  init(aperture: IOVARange) {
    self.aperture = aperture
    firstPage = aperture.first.rawValue >> 12
    pages = Array(
      repeating: Page(), count: Int(aperture.pageCount(of: .fourKiB).rawValue))
    isListed = Array(repeating: false, count: pages.count)
  }

  /// The index of the page of `iova`, or `nil` outside the aperture.
  func index(_ iova: IOVA) -> Int? {
    aperture.contains(iova) ? Int((iova.rawValue >> 12) - firstPage) : nil
  }

  /// The first byte of a page.
  func address(_ index: Int) -> IOVA {
    IOVA((firstPage + UInt64(index)) << 12)
  }

  /// The pages of `range` that lie in the aperture.
  func indices(_ range: IOVARange) -> Range<Int> {
    guard let inside = range.intersection(aperture) else { return 0..<0 }
    let first = Int((inside.first.rawValue >> 12) - firstPage)
    return first..<(Int((inside.last.rawValue >> 12) - firstPage) + 1)
  }

  func makeLive(_ index: Int, frame: UInt64, allowsWrite: Bool) {
    if pages[index].state == .stale { staleCount -= 1 }
    if pages[index].state != .live { liveCount += 1 }
    pages[index] = Page(state: .live, allowsWrite: allowsWrite, frame: frame)
  }

  func makeUsable(_ index: Int) {
    pages[index].isUsable = true
  }

  func makeStale(_ index: Int, at time: UInt64) {
    guard pages[index].state == .live else { return }
    pages[index].state = .stale
    pages[index].since = time
    pages[index].epoch = epoch
    liveCount -= 1
    staleCount += 1
    if isListed[index] { return }
    isListed[index] = true
    staleList.append(UInt32(index))
    if staleList.count > 4_096 && staleList.count > 4 * staleCount { compact() }
  }

  func markReturned(_ index: Int) {
    pages[index].hasReturned = true
  }

  /// The old translation is in use again.
  func makeLiveAgain(_ index: Int, at time: UInt64) {
    guard pages[index].state == .stale else { return }
    count(index, to: time)
    pages[index].state = .live
    pages[index].hasReturned = false
    staleCount -= 1
    liveCount += 1
  }

  func quarantine(_ index: Int) {
    if pages[index].state == .stale { staleCount -= 1 }
    if pages[index].state == .live { liveCount -= 1 }
    pages[index].state = .quarantined
  }

  /// Counts an invalidation that begins now; it can end the staleness of what is stale already.
  func beginInvalidation() -> UInt32 {
    epoch &+= 1
    return epoch
  }

  /// Ends the staleness of `index`, if it was stale when the invalidation `began` and `isGone` now.
  ///
  /// A translation that is kept for reuse stands in the table, so no invalidation ends it.
  func settle(_ index: Int, began: UInt32, ended: UInt64, isGone: (Int) -> Bool) {
    // The difference wraps around as the counts do.
    guard pages[index].state == .stale, Int32(bitPattern: began &- pages[index].epoch) > 0,
      isGone(index)
    else { return }
    count(index, to: ended)
    pages[index].state = .free
    staleCount -= 1
  }

  /// Does so with everything that is stale.
  func settleAll(began: UInt32, ended: UInt64, isGone: (Int) -> Bool) {
    var kept: [UInt32] = []
    for index in staleList {
      settle(Int(index), began: began, ended: ended, isGone: isGone)
      if pages[Int(index)].state == .stale {
        kept.append(index)
      } else {
        isListed[Int(index)] = false
      }
    }
    staleList = kept
  }

  /// Closes the window at the end of a run: what is still stale counts up to `time`.
  func closeWindow(at time: UInt64) {
    for index in pages.indices where pages[index].state == .stale {
      count(index, to: time, isOpen: true)
    }
    isWindowOpen = false
  }

  /// Forgets the window so far, at the start of a measurement; open ones count from there.
  func restartWindow(at time: UInt64) {
    window = StaleWindowSum()
    windowStart = time
    isWindowOpen = true
  }

  private func count(_ index: Int, to end: UInt64, isOpen: Bool = false) {
    if !isWindowOpen { return }
    window.add(from: max(pages[index].since, windowStart), to: end, isOpen: isOpen)
  }

  private func compact() {
    staleList.removeAll {
      if pages[Int($0)].state == .stale { return false }
      isListed[Int($0)] = false
      return true
    }
  }
}

/// The stale times of many pages, added up.
public struct StaleWindowSum: Equatable, Sendable {
  /// The number of times that a page was stale.
  public private(set) var pages: UInt64 = 0

  /// All stale times together, in page-nanoseconds.
  public private(set) var pageNanoseconds: UInt64 = 0

  /// The longest stale time of one page, in nanoseconds.
  public private(set) var longestNanoseconds: UInt64 = 0

  /// The longest of those times that had ended when the window was closed, in nanoseconds.
  public private(set) var longestEndedNanoseconds: UInt64 = 0

  /// Whether a time of the longest length had ended: if not, it is only a lower bound.
  public var isLongestOver: Bool { longestEndedNanoseconds == longestNanoseconds }

  mutating func add(from start: UInt64, to end: UInt64, isOpen: Bool = false) {
    let time = end > start ? end - start : 0
    pages += 1
    pageNanoseconds += time
    longestNanoseconds = max(longestNanoseconds, time)
    if !isOpen { longestEndedNanoseconds = max(longestEndedNanoseconds, time) }
  }
}
