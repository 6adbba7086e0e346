import IOMMU

/// What one domain has mapped, told by what its caller asked for and was given, and nothing else.
struct DomainOracle {
  /// What the caller knows of one page of the aperture.
  struct Page {
    /// Whose mapping it is, or -1.
    var holder: Int32 = -1
    /// The page of memory that it has, or had last; 0 for none ever.
    var frame: UInt32 = 0
    var allowsWrite = false
    /// Whether the holder dropped its token.
    var isDropped = false
  }

  let aperture: IOVARange
  private(set) var pages: [Page]
  var books = DomainBooks()
  /// Whether a mapping failed, whose pages a device may have seen all the same.
  var hasFailedMaps = false

  init(aperture: IOVARange) {
    self.aperture = aperture
    pages = Array(repeating: Page(), count: Int(aperture.pageCount(of: .fourKiB).rawValue))
  }

  /// The index of the page at `iova`, or `nil` outside.
  func index(_ iova: IOVA) -> Int? {
    aperture.contains(iova)
      ? Int((iova.rawValue &- aperture.first.rawValue) &>> 12) : nil
  }

  func address(_ index: Int) -> IOVA {
    IOVA(aperture.first.rawValue &+ UInt64(index) &<< 12)
  }

  /// Why the pages at `device` cannot be those of a new mapping to `frames`, or `nil`; then they
  /// are `holder`'s.
  mutating func take(
    _ device: IOVARange, frames: [UInt32], allowsWrite: Bool, holder: Int32
  ) -> String? {
    let range = device.aligned(to: .fourKiB)
    guard aperture.contains(range), let first = index(range.first) else {
      return "\(device.first.hex) lies outside the domain's aperture"
    }
    let count = Int(range.pageCount(of: .fourKiB).rawValue)
    if count != frames.count {
      return "\(frames.count) pages were asked for, \(count) were given at \(device.first.hex)"
    }
    for offset in 0..<count where pages[first + offset].holder >= 0 {
      return "\(address(first + offset).hex) was handed out while a mapping still has it"
    }
    for offset in 0..<count {
      pages[first + offset] = Page(
        holder: holder, frame: frames[offset], allowsWrite: allowsWrite)
    }
    books.maps += 1
    books.live += 1
    books.pagesMapped += UInt64(count)
    return nil
  }

  /// The pages are nobody's.
  mutating func give(_ device: IOVARange) {
    let range = device.aligned(to: .fourKiB)
    guard let first = index(range.first) else { return }
    let count = Int(range.pageCount(of: .fourKiB).rawValue)
    for offset in 0..<count { pages[first + offset].holder = -1 }
    books.unmaps += 1
    books.live -= 1
    books.pagesUnmapped += UInt64(count)
  }

  /// The pages are nobody's and never will be anybody's: `bytes` are those of the token.
  mutating func drop(_ bytes: IOVARange) {
    let range = bytes.aligned(to: .fourKiB)
    guard let first = index(range.first) else { return }
    let count = Int(range.pageCount(of: .fourKiB).rawValue)
    for offset in 0..<count { pages[first + offset].isDropped = true }
    books.quarantinedRanges += 1
    books.quarantinedPages += UInt64(count)
  }
}
