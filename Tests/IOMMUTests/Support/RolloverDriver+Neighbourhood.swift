import IOMMU
import TestSupport

/// Looks at stale pages beside a range, held against what the oracle finds page by page.
extension RolloverDriver {
  mutating func checkNeighbourhood() throws(Failure) {
    guard let inner = held.last else { return }
    let limit = 1 + Int(random.below(random.oneIn(4) ? 4_096 : 700))
    let outer = pages(
      allocator.staleNeighbourhood(of: range(inner), limitPages: PageCount(UInt64(limit))))
    let expected = neighbourhood(of: inner, limit: limit)
    try check(outer == expected, "\(outer) around \(inner) within \(limit), not \(expected)")
    if outer.count > inner.count + 64 { answers.widened += 1 }
    // A range with live pages, as it is, and one with whatever lies above them.
    for end in [inner.upperBound, min(inner.upperBound + 100, setting.pages)] {
      let pages = inner.lowerBound..<end
      let hasStale = pages.contains { oracle.isStale($0) }
      try check(
        allocator.mayHaveStale(in: range(pages)) || !hasStale, "\(pages) are said not to be stale")
    }
    try check(!allocator.mayHaveStale(in: range(inner)), "live pages \(inner) are said to be stale")
  }

  private func neighbourhood(of inner: Range<Int>, limit: Int) -> Range<Int> {
    if inner.count >= limit { return inner }
    let room = limit - inner.count
    let below = stretch(from: inner.lowerBound, by: -1, room: room)
    let above = stretch(from: inner.upperBound - 1, by: 1, room: room - below)
    return inner.lowerBound - below..<inner.upperBound + above
  }

  /// The length of the longest stretch beside `edge`, of `room` pages at most, that ends with a
  /// stale page and has eleven stale pages for each that is not, at a border of 64 pages.
  private func stretch(from edge: Int, by step: Int, room: Int) -> Int {
    var (stale, last, best) = (0, 0, 0)
    var distance = 1
    while distance <= room {
      let page = edge + step * distance
      if page < 0 || page >= setting.pages { break }
      if oracle.isStale(page), !oracle.isHeld(page) {
        stale += 1
        last = distance
      }
      let isBorder = (setting.basePage + page) & 63 == (step < 0 ? 0 : 63)
      if isBorder, last * 11 <= stale * 12 { best = last }
      distance += 1
    }
    return last * 11 <= stale * 12 ? last : best
  }
}
