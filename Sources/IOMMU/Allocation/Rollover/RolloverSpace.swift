/// How the pages of an aperture are numbered: page 0 begins the chunk that holds the lowest one.
///
/// Chunks lie at multiples of 256 pages of the *device's* space, so that a chunk is exactly what
/// one s390 page table maps (256 entries: Linux arch/s390/include/asm/pci_dma.h, ZPCI_PT_ENTRIES).
/// An aperture that begins or ends inside a chunk has page numbers in it that are never handed out.
@usableFromInline
struct RolloverSpace: Sendable {
  /// The aperture, narrowed to whole granules.
  @usableFromInline let aperture: IOVARange
  @usableFromInline let granule: Granule

  /// A page's bytes less one.
  @usableFromInline let pageMask: UInt64

  /// The address of page 0.
  @usableFromInline let base: UInt64

  /// How far behind the aperture's first byte the last page begins.
  @usableFromInline let pageSpan: UInt64

  /// The lowest and the highest page that can be handed out.
  @usableFromInline let firstPage: UInt64
  let lastPage: UInt64

  /// The most chunks that list links and counters are made for: 2 to the power 32 pages.
  static var chunksMax: UInt64 { 1 << 24 }

  init(aperture: IOVARange, granule: Granule) {
    let log2 = UInt64(granule.log2)
    let mask = granule.byteCount - 1
    // Rounding inward, in page numbers: these are below 2^54 and cannot wrap.
    let first = (aperture.first.rawValue >> log2) + (aperture.first.rawValue & mask == 0 ? 0 : 1)
    let end = (aperture.last.rawValue >> log2) + (aperture.last.rawValue & mask == mask ? 1 : 0)
    precondition(first < end, "the aperture holds no whole page")
    let basePage = first & ~255
    precondition((end - 1 - basePage) >> 8 < RolloverSpace.chunksMax, "the aperture is too large")
    self.granule = granule
    pageMask = mask
    base = basePage << log2
    firstPage = first - basePage
    lastPage = end - 1 - basePage
    pageSpan = (end - 1 - first) << log2
    self.aperture = IOVARange(
      ordered: IOVA(first << log2), IOVA(((end - 1) << log2) | mask))
  }

  /// The number of chunks that the aperture touches.
  var chunkCount: Int { Int(lastPage >> 8) + 1 }

  /// The number of pages that can be handed out.
  var pageCount: UInt64 { lastPage - firstPage + 1 }

  /// The page that holds `address`, which lies in the aperture.
  @inlinable
  func page(of address: IOVA) -> UInt64 {
    (address.rawValue &- base) &>> UInt64(granule.log2)
  }

  /// The page that holds `address`, where a page's bytes from there on lie in the aperture.
  ///
  /// One comparison, for pages that are retired one by one: whatever it returns is a number of a
  /// page that can be handed out, and so of a chunk.
  @inlinable
  func page(at address: IOVA) -> UInt64? {
    let offset = address.rawValue &- aperture.first.rawValue
    if offset > pageSpan { return nil }
    return offset &>> UInt64(granule.log2) &+ firstPage
  }

  /// The addresses of `count` pages from `page`, all of them in the aperture.
  @inlinable
  func range(fromPage page: UInt64, count: UInt64) -> IOVARange {
    let log2 = UInt64(granule.log2)
    let first = base &+ (page &<< log2)
    return IOVARange(ordered: IOVA(first), IOVA(first &+ ((count &<< log2) &- 1)))
  }

  /// The addresses of page `page`, which is in the aperture.
  @inlinable
  func range(ofPage page: UInt64) -> IOVARange {
    let first = base &+ (page &<< UInt64(granule.log2))
    return IOVARange(ordered: IOVA(first), IOVA(first &+ pageMask))
  }

  /// The pages that `range` touches, clipped to the aperture, or `nil` where it lies outside.
  func pages(of range: IOVARange) -> ClosedRange<UInt64>? {
    guard let inside = range.intersection(aperture) else { return nil }
    return page(of: inside.first)...page(of: inside.last)
  }

  /// The part of `pages` that lies in chunk `number`, as a set; the two must share a page.
  func bits(of pages: ClosedRange<UInt64>, inChunk number: Int) -> PageBits {
    let start = UInt64(number) << 8
    let first = max(pages.lowerBound, start) - start
    let last = min(pages.upperBound, start + 255) - start
    return PageBits(from: Int(first), to: Int(last) + 1)
  }
}
