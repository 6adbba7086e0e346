/// Linux's tree of used runs as a sorted array, with the places that searches start from.
///
/// Told after the rules of drivers/iommu/iova.c rather than after the code under test: no nodes, no
/// balance, everything by binary search in one array whose last element is the anchor.
struct ReferenceTree {
  let firstPage: UInt64
  let end32: UInt64
  private var runs: [(first: UInt64, last: UInt64)] = [(.max, .max)]

  /// The first pages of the runs that searches start from, for wide limits and for low ones.
  private var wideStart: UInt64 = .max
  private var lowStart: UInt64 = .max
  private var refused: UInt64

  init(firstPage: UInt64, end32: UInt64) {
    self.firstPage = firstPage
    self.end32 = end32
    refused = end32
  }

  /// The number of runs in use.
  var count: Int { runs.count - 1 }

  /// The place of the first run that ends at `page` or above.
  private func place(reaching page: UInt64) -> Int {
    var low = 0
    var high = runs.count - 1
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].last < page { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The first page of the run that Linux would place, or `nil`.
  mutating func take(_ pages: UInt64, alignment: UInt64 = 1, below end: UInt64) -> UInt64? {
    var unit = alignment
    while unit < pages { unit *= 2 }
    if end <= end32 && pages >= refused { return nil }

    let start = place(reaching: end <= end32 ? lowStart : wideStart)
    let above = runs[start].last
    var found = highest(pages, unit, below: end, floor: firstPage, from: start)
    if found == nil && above < end {
      found = highest(pages, unit, below: end, floor: above + 1, from: place(reaching: end))
    }
    guard let found else {
      refused = pages
      return nil
    }
    runs.insert((found.page, found.page + pages - 1), at: found.place)
    if found.page + pages - 1 < end32 { lowStart = found.page } else { wideStart = found.page }
    return found.page
  }

  /// The highest multiple of `unit` in a gap below run `start`; it must not lie below `floor`.
  private func highest(
    _ pages: UInt64, _ unit: UInt64, below end: UInt64, floor: UInt64, from start: Int
  ) -> (page: UInt64, place: Int)? {
    var place = start
    while true {
      let ceiling = min(end, runs[place].first)
      if ceiling < pages { return nil }
      let page = (ceiling - pages) / unit * unit
      if page < floor { return nil }
      if place == 0 || runs[place - 1].last < page { return (page, place) }
      place -= 1
    }
  }

  /// Removes the run that starts at `page`; `false` where there is none.
  mutating func remove(_ page: UInt64) -> Bool {
    let place = place(reaching: page)
    if runs[place].first != page || page == .max { return false }
    let last = runs[place].last
    let next = runs[place + 1].first
    if page == lowStart || (last < end32 && page >= lowStart) { lowStart = next }
    if page < end32 { refused = end32 }
    if page >= wideStart { wideStart = next }
    runs.remove(at: place)
    return true
  }

  /// Marks `first…last` as used, where nothing is used yet.
  mutating func reserve(_ first: UInt64, _ last: UInt64) {
    runs.insert((first, last), at: place(reaching: first))
  }
}
