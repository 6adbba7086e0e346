import Synchronization

/// Where the pages of dropped tokens and of failed invalidations stay: mapped, counted, not reused.
public final class Quarantine: Sendable {
  private let pageTotal = Atomic<UInt64>(0)
  private let rangeTotal = Atomic<UInt64>(0)
  private let lastFirst = Atomic<UInt64>(0)
  private let lastLast = Atomic<UInt64>(0)
  private let granule: Granule

  /// An empty quarantine for a domain with pages of `granule`.
  package init(granule: Granule) {
    self.granule = granule
  }

  /// The number of ranges that were ever put here.
  public var ranges: UInt64 { rangeTotal.load(ordering: .relaxed) }

  /// The number of pages that those ranges touch.
  public var pages: UInt64 { pageTotal.load(ordering: .relaxed) }

  /// The range put here last, or `nil` while there was none; a hint for a report.
  public var latest: IOVARange? {
    if ranges == 0 { return nil }
    return IOVARange(
      first: IOVA(lastFirst.load(ordering: .relaxed)), last: IOVA(lastLast.load(ordering: .relaxed))
    )
  }

  /// Counts `range` in.
  ///
  /// Allocates: never.
  @usableFromInline
  package func take(_ range: IOVARange) {
    lastFirst.store(range.first.rawValue, ordering: .relaxed)
    lastLast.store(range.last.rawValue, ordering: .relaxed)
    pageTotal.wrappingAdd(range.pageCount(of: granule).rawValue, ordering: .relaxed)
    rangeTotal.wrappingAdd(1, ordering: .releasing)
  }
}
