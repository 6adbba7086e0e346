/// A request turned into pages and checked: what the searches of the allocators work with.
///
/// Having one proves that the page counts are small enough for sums of two of them never to wrap,
/// that the boundary is a power of two of whole granules, and that the run is no longer than it.
@frozen
@usableFromInline
struct PageRequest {
  /// The number of pages, 1 or more.
  @usableFromInline let pages: UInt64

  /// One less than the alignment of the first page, in pages.
  @usableFromInline let alignmentMask: UInt64

  /// One less than the number of pages whose multiples the run must not cross.
  @usableFromInline let boundaryMask: UInt64

  /// The page after the last one that both the device and the aperture reach.
  @usableFromInline let end: UInt64

  /// The request in pages of `granule`, or `nil` where nothing in `aperture` could ever meet it.
  ///
  /// A page counts as within the limit only if its last byte is.
  @inline(__always)
  init?(_ request: IOVARequest, aperture: IOVARange, granule: Granule) {
    let shift = UInt64(granule.log2)
    let last = min(request.limit, aperture.last).rawValue
    let end = last == .max ? 1 &<< (64 &- shift) : (last &+ 1) &>> shift
    let first = aperture.first.rawValue &>> shift
    let mask = request.boundaryMask
    guard end > first, request.pages.rawValue > 0, request.pages.rawValue <= end &- first
    else { return nil }
    if mask != .max {
      guard mask & (mask &+ 1) == 0, mask >= granule.byteCount &- 1,
        request.pages.rawValue &- 1 <= mask &>> shift
      else { return nil }
    }
    pages = request.pages.rawValue
    // Page numbers have at most 54 bits: beyond that, every alignment means page zero.
    alignmentMask = (1 &<< UInt64(min(request.alignmentLog2, 63))) &- 1
    boundaryMask = mask &>> shift
    self.end = end
  }

  /// Whether a run of ``pages`` from `page` would cross the boundary.
  @inlinable
  func crossesBoundary(from page: UInt64) -> Bool {
    (page ^ (page &+ pages &- 1)) & ~boundaryMask != 0
  }

  /// The lowest page from `page` on that is aligned.
  @inlinable
  func aligned(_ page: UInt64) -> UInt64 {
    (page &+ alignmentMask) & ~alignmentMask
  }

  /// The lowest page from `page` on where a run may start, if everything were free.
  ///
  /// Complexity: O(1): a multiple of the boundary that is aligned too is crossed by no run that
  /// starts there, so that one step suffices.
  @usableFromInline
  func firstCandidate(from page: UInt64) -> UInt64 {
    let start = aligned(page)
    if !crossesBoundary(from: start) { return start }
    return aligned((start &+ boundaryMask) & ~boundaryMask)
  }
}

extension AddressRange where Address == IOVA {
  /// The whole granules that lie inside the range, or `nil` where there are none.
  @usableFromInline
  func wholeGranules(of granule: Granule) -> IOVARange? {
    let mask = granule.byteCount &- 1
    let (sum, overflow) = first.rawValue.addingReportingOverflow(mask)
    let end = (last.rawValue &+ 1) & ~mask
    // An end of zero is the top of the space, but also a range that ends in the lowest granule.
    if overflow || (end == 0 && last.rawValue != .max) { return nil }
    return IOVARange(first: IOVA(sum & ~mask), last: IOVA(end &- 1))
  }

  /// The bytes of `count` pages from number `page`, which the caller knows to lie in an aperture.
  @inlinable
  init(knownPage page: UInt64, count: UInt64, of granule: Granule) {
    let shift = UInt64(granule.log2)
    let first = page &<< shift
    self.init(ordered: IOVA(first), IOVA(first &+ ((count &<< shift) &- 1)))
  }
}
