import IOMMU

/// What an allocation should have come to.
enum ExpectedOutcome: Equatable {
  case range(firstPage: UInt64)
  case needsInvalidation
  case exhausted
  case impossible
}

/// Linux's s390 rule, told page by page: the first fit from where the last run ended; at the end an
/// invalidation; then the first fit from the bottom. The last page is never used.
struct ReferenceNextFit {
  let isLazy: Bool
  private var next = 0
  private var isWrapped = false
  private var wrapEpoch: UInt64?

  init(isLazy: Bool) {
    self.isLazy = isLazy
  }

  /// The outcome of `request` on the pages of `oracle`.
  mutating func allocate(_ request: IOVARequest, _ oracle: PageOracle) -> ExpectedOutcome {
    if !isWrapped {
      if let index = firstFit(request, oracle, from: next) { return take(index, request, oracle) }
      if !hasPlace(request, oracle) { return .impossible }
      if isLazy { return ask(oracle) }
    } else if !hasPlace(request, oracle) {
      return .impossible
    }
    isWrapped = false
    if let index = firstFit(request, oracle, from: 0) { return take(index, request, oracle) }
    return oracle.stalePages > 0 ? ask(oracle) : .exhausted
  }

  /// The end of invalidation number `epoch`.
  mutating func endInvalidation(_ epoch: UInt64) {
    guard let wanted = wrapEpoch, epoch >= wanted else { return }
    wrapEpoch = nil
    isWrapped = true
  }

  private mutating func ask(_ oracle: PageOracle) -> ExpectedOutcome {
    if wrapEpoch == nil { wrapEpoch = oracle.begun + 1 }
    return .needsInvalidation
  }

  private mutating func take(
    _ index: Int, _ request: IOVARequest, _ oracle: PageOracle
  ) -> ExpectedOutcome {
    next = index + Int(request.pages.rawValue)
    return .range(firstPage: oracle.firstPage + UInt64(index))
  }

  /// The number of pages from the bottom that may be used at all.
  private func usablePages(_ request: IOVARequest, _ oracle: PageOracle) -> Int {
    if request.limit >= oracle.aperture.last { return oracle.pages.count - 1 }
    let end = (request.limit.rawValue + 1) >> oracle.shift
    return end > oracle.firstPage ? Int(end - oracle.firstPage) - 1 : 0
  }

  /// The lowest index from `start` on at which the request could lie, busy pages aside.
  private func suitable(
    from start: Int, below size: Int, _ request: IOVARequest, _ oracle: PageOracle
  ) -> Int? {
    let pages = request.pages.rawValue
    // A smart shift past the top is zero; then only page zero is a multiple.
    let alignment: UInt64 = 1 << UInt64(request.alignmentLog2)
    let base = oracle.firstPage
    var index = UInt64(start)
    while Int(index + pages) <= size {
      let first = base + index
      let last = ((first + pages) << oracle.shift) &- 1
      let isAligned = alignment == 0 ? first == 0 : first % alignment == 0
      if isAligned && ((first << oracle.shift) ^ last) & ~request.boundaryMask == 0 {
        return Int(index)
      }
      index += 1
    }
    return nil
  }

  private func firstFit(
    _ request: IOVARequest, _ oracle: PageOracle, from start: Int
  ) -> Int? {
    let size = usablePages(request, oracle)
    let pages = Int(request.pages.rawValue)
    if pages == 0 { return nil }
    let isPicky = request.alignmentLog2 != 0 || request.boundaryMask != .max
    let states = oracle.pages
    var index = start
    var checked = start
    while index + pages <= size {
      if states[index] != PageOracle.free {
        index += 1
        continue
      }
      if isPicky {
        guard let next = suitable(from: index, below: size, request, oracle) else { return nil }
        index = next
      }
      checked = max(checked, index)
      while checked < index + pages && states[checked] == PageOracle.free { checked += 1 }
      if checked == index + pages { return index }
      index = checked
    }
    return nil
  }

  /// Whether an empty aperture has a place for `request`.
  private func hasPlace(_ request: IOVARequest, _ oracle: PageOracle) -> Bool {
    if request.pages.rawValue == 0 { return false }
    return suitable(from: 0, below: usablePages(request, oracle), request, oracle) != nil
  }
}
