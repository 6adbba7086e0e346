/// A request in page numbers: where a run may begin, and where it must end.
struct RunShape {
  /// The number of pages, 1 up to the size of the aperture.
  let pages: UInt64

  /// One less than the alignment in pages.
  let alignmentMask: UInt64

  /// The binary logarithm, in pages, of the block whose border the run must not cross.
  let blockLog2: UInt64

  /// The highest page that may be used.
  let lastPage: UInt64

  /// What page number 0 is in the device's whole space: alignment and borders count from there.
  let basePage: UInt64

  /// Whether any page at all will do: then the lists alone can tell that there is none.
  let isAnyPage: Bool

  /// Whether any run of a chunk that is long enough will do: then the lists find one if there is.
  let isAnyRun: Bool

  /// How long a run of a chunk must be to hold it wherever it begins, for up to 256 pages.
  ///
  /// Wholly free chunks hold it anyway, if any chunk does: they lie at multiples of 256 pages.
  var sureRun: Int { Int(min(pages + alignmentMask, UInt64(PageBits.capacity))) }

  /// Page numbers are below 2^54, because a granule is 2^10 bytes at least.
  private static var pageNumberBits: UInt64 { 54 }

  /// The shape of `request`, or `nil` where no run in `space` can ever meet it.
  init?(_ request: IOVARequest, in space: RolloverSpace) {
    let log2 = UInt64(space.granule.log2)
    let granuleMask = space.granule.byteCount - 1
    pages = request.pages.rawValue
    if pages == 0 || pages > space.pageCount { return nil }
    alignmentMask = (1 << min(UInt64(request.alignmentLog2), RunShape.pageNumberBits)) - 1
    basePage = space.base >> log2

    // A block is 2 to the power of the number of low ones in the mask.
    let blockBits = UInt64((~request.boundaryMask).trailingZeroBitCount)
    if blockBits < log2 { return nil }
    blockLog2 = min(blockBits - log2, RunShape.pageNumberBits)
    if pages > 1 << blockLog2 { return nil }

    // The page that holds the limit's byte counts only if all of it lies below the limit.
    let whole = request.limit.rawValue & granuleMask == granuleMask
    let end = (request.limit.rawValue >> log2) + (whole ? 1 : 0)
    if end <= basePage + space.firstPage { return nil }
    lastPage = min(end - 1 - basePage, space.lastPage)
    isAnyRun =
      alignmentMask == 0 && lastPage == space.lastPage && pages <= UInt64(PageBits.capacity)
      && 1 << blockLog2 >= UInt64(PageBits.capacity)
    isAnyPage = pages == 1 && alignmentMask == 0 && lastPage == space.lastPage
    if start(from: space.firstPage) == nil { return nil }
  }

  /// Any page of `space`.
  init(anyPageOf space: RolloverSpace) {
    pages = 1
    alignmentMask = 0
    blockLog2 = RunShape.pageNumberBits
    lastPage = space.lastPage
    basePage = space.base >> UInt64(space.granule.log2)
    isAnyPage = true
    isAnyRun = true
  }

  /// The lowest start, not below `page`, that alignment, border and limit allow.
  ///
  /// Complexity: constant. A run that would cross a border moves to the border once: from there it
  /// fits, because it is no longer than a block.
  func start(from page: UInt64) -> UInt64? {
    var first = aligned(page + basePage)
    if first >> blockLog2 != (first + pages - 1) >> blockLog2 {
      first = aligned(((first >> blockLog2) + 1) << blockLog2)
    }
    let relative = first - basePage
    return relative + pages - 1 <= lastPage ? relative : nil
  }

  private func aligned(_ absolutePage: UInt64) -> UInt64 {
    (absolutePage + alignmentMask) & ~alignmentMask
  }

  /// The lowest start in chunk `number` of a run that lies in it, in `free` and from page `cursor`.
  func place(in free: PageBits, ofChunk number: Int, from cursor: Int) -> Int? {
    let base = UInt64(number) << 8
    var first = free.firstPage(from: cursor)
    while first < PageBits.capacity {
      let end = free.runEnd(from: first)
      guard let start = start(from: base + UInt64(first)) else { return nil }
      if start + pages <= base + UInt64(end) { return Int(start - base) }
      first = free.firstPage(from: end)
    }
    return nil
  }

  /// Whether a run could lie in chunk `number`, were all of it free.
  func fits(inChunk number: Int) -> Bool {
    let base = UInt64(number) << 8
    guard let start = start(from: base) else { return false }
    return start + pages <= base + UInt64(PageBits.capacity)
  }
}
