import IOMMU

/// What went wrong, for the message of a failed test.
struct OracleFault: Error {
  let message: String

  init(_ message: String) {
    self.message = message
  }
}

/// The state of every page of a small aperture, kept apart from any allocator's own books.
///
/// Verified: a range that was handed out lies in the aperture, meets its request, and touches no
/// page that is in use, reserved, or stale. Not verified: which of the possible ranges it is.
struct PageOracle {
  static let free: UInt8 = 0
  static let live: UInt8 = 1
  static let stale: UInt8 = 2
  static let reserved: UInt8 = 3

  let aperture: IOVARange
  let shift: UInt64
  let firstPage: UInt64
  private(set) var pages: [UInt8]

  /// Retired ranges, each with the number of invalidations that had begun by then.
  private var retired: [(range: IOVARange, begun: UInt64)] = []

  /// The number of invalidations that have begun.
  private(set) var begun: UInt64 = 0

  /// The number of stale pages.
  private(set) var stalePages: UInt64 = 0

  init(aperture: IOVARange, granule: Granule) {
    self.aperture = aperture
    shift = UInt64(granule.log2)
    firstPage = aperture.first.rawValue >> shift
    pages = Array(
      repeating: Self.free, count: Int((aperture.last.rawValue >> shift) - firstPage + 1))
  }

  /// The pages of `range` as indices into ``pages``.
  func indices(_ range: IOVARange) -> Range<Int> {
    let first = Int((range.first.rawValue >> shift) - firstPage)
    return first..<Int((range.last.rawValue >> shift) - firstPage) + 1
  }

  /// Whether none of `range` is in any use.
  func isFree(_ indices: Range<Int>) -> Bool {
    var index = indices.lowerBound
    while index < indices.upperBound {
      if pages[index] != Self.free { return false }
      index += 1
    }
    return true
  }

  private mutating func move(_ range: IOVARange, from old: UInt8, to new: UInt8) throws(OracleFault)
  {
    let indices = indices(range)
    var index = indices.lowerBound
    while index < indices.upperBound {
      if pages[index] != old {
        throw OracleFault("page \(index) was \(pages[index]), not \(old), on its way to \(new)")
      }
      pages[index] = new
      index += 1
    }
  }

  /// Notes that `range` was handed out for `request`.
  mutating func take(_ range: IOVARange, for request: IOVARequest) throws(OracleFault) {
    if !aperture.contains(range) { throw OracleFault("outside the aperture: \(range)") }
    let first = range.first.rawValue
    let last = range.last.rawValue
    if first & ((1 << shift) - 1) != 0 || (last - first + 1) >> shift != request.pages.rawValue {
      throw OracleFault("not \(request.pages) whole pages: \(range)")
    }
    if range.last > request.limit { throw OracleFault("above the limit: \(range)") }
    if (first >> shift) & ((1 << UInt64(request.alignmentLog2)) &- 1) != 0 {
      throw OracleFault("not aligned to \(request.alignmentLog2): \(range)")
    }
    if (first ^ last) & ~request.boundaryMask != 0 {
      throw OracleFault("crosses \(request.boundaryMask): \(range)")
    }
    try move(range, from: Self.free, to: Self.live)
  }

  /// Notes that `range` was given back as free.
  mutating func giveBack(_ range: IOVARange) throws(OracleFault) {
    try move(range, from: Self.live, to: Self.free)
  }

  /// Notes that `range` was given back as stale.
  mutating func retire(_ range: IOVARange) throws(OracleFault) {
    try move(range, from: Self.live, to: Self.stale)
    retired.append((range, begun))
    stalePages += UInt64(indices(range).count)
  }

  /// Notes that `range` was reserved.
  mutating func reserve(_ range: IOVARange) throws(OracleFault) {
    try move(range, from: Self.free, to: Self.reserved)
  }

  /// Notes the start of an invalidation, and gives its number.
  mutating func beginInvalidation() -> UInt64 {
    begun += 1
    return begun
  }

  /// Notes the end of invalidation number `epoch`: what was retired before it began is free.
  mutating func endInvalidation(_ epoch: UInt64) throws(OracleFault) {
    var kept: [(range: IOVARange, begun: UInt64)] = []
    for entry in retired {
      if entry.begun < epoch {
        try move(entry.range, from: Self.stale, to: Self.free)
        stalePages -= UInt64(indices(entry.range).count)
      } else {
        kept.append(entry)
      }
    }
    retired = kept
  }
}
