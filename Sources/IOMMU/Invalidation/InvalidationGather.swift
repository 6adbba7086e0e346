/// What unmaps have touched since the last invalidation: one range and a number of pages.
///
/// Holding it proves nothing about the hardware; it only says what an invalidation must cover. The
/// range is the union, so it may hold pages that nobody unmapped. Tables that became empty are not
/// told here: the table keeps them itself until ``TranslationTable/unlinkEmptyTables(limit:)``.
///
///     var gather = InvalidationGather()
///     try table.unmap(range, gather: &gather)
///     if let stale = gather.range { try control.invalidate(stale, on: cpu) }
@frozen
public struct InvalidationGather: Sendable, BitwiseCopyable {
  @usableFromInline var lowest: UInt64
  @usableFromInline var highest: UInt64

  @usableFromInline var pageTotal: UInt64

  /// Nothing yet.
  @inlinable
  public init() {
    lowest = .max
    highest = 0
    pageTotal = 0
  }

  /// The number of pages that were unmapped.
  @inlinable
  public var pages: PageCount { PageCount(pageTotal) }

  /// Whether nothing was unmapped.
  @inlinable
  public var isEmpty: Bool { pageTotal == 0 }

  /// The smallest range that holds everything unmapped, or `nil` for nothing.
  @inlinable
  public var range: IOVARange? {
    isEmpty ? nil : IOVARange(first: IOVA(lowest), last: IOVA(highest))
  }

  /// Adds a range of `pages` pages.
  ///
  /// Complexity: constant. Allocates: never.
  @inlinable
  public mutating func add(_ range: IOVARange, pages count: PageCount) {
    lowest = min(lowest, range.first.rawValue)
    highest = max(highest, range.last.rawValue)
    let (sum, overflow) = pageTotal.addingReportingOverflow(count.rawValue)
    pageTotal = overflow ? .max : sum
  }

  /// Adds everything that `other` holds.
  @inlinable
  public mutating func merge(_ other: InvalidationGather) {
    if let range = other.range { add(range, pages: other.pages) }
  }

  /// Forgets everything: an invalidation has covered it.
  @inlinable
  public mutating func reset() {
    self = InvalidationGather()
  }
}
