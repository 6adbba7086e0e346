/// Where one global refresh begins to cost less than one of each page that waits for it.
///
/// `N` unmapped pages cost N × (trap + page + table) if each is refreshed by itself, and
/// trap + page × (pages looked at) + table × (tables present) if they wait for one global refresh.
/// The border between the two is the line on which those are equal. All that is unmapped one by one
/// is taken to be single pages, as in 4 KiB of input or output.
extension RefreshPrices {
  /// The kind of refresh that costs less.
  public enum Side: String, Sendable {
    /// A range for each unmap.
    case selective
    /// One global refresh for all of them.
    case full
  }

  /// The least number of deferred unmaps, of a page each, for which one global refresh costs less;
  /// `nil` where nothing costs anything, so that none is ever dearer.
  public func breakEven(tables: UInt64) -> UInt64? {
    let single = range(pages: 1)
    return single == 0 ? nil : global(tables: tables) / single + 1
  }

  /// The cheaper kind for `unmaps` of a page each; equal costs count as selective, which leaves
  /// nothing stale.
  public func side(unmaps: UInt64, tables: UInt64) -> Side {
    global(tables: tables) < Self.product(unmaps, range(pages: 1)) ? .full : .selective
  }

  /// The largest aperture, in pages, of which one global refresh costs less than `unmaps` of a page
  /// each, while `tables` tables are present; 0 where none is small enough.
  ///
  /// `nil` where the size does not matter: absent tables are skipped, or looking costs nothing.
  public func largestAperture(unmaps: UInt64, tables: UInt64) -> UInt64? {
    if absentTables == .skipped || page == 0 {
      return side(unmaps: unmaps, tables: tables) == .full ? nil : 0
    }
    let fixed = Self.sum(trap, Self.product(tables, table))
    let budget = Self.product(unmaps, range(pages: 1))
    // The greatest number with fixed + page × number below the budget.
    return budget > fixed ? (budget - fixed - 1) / page : 0
  }

  /// The greatest number of present tables with which one global refresh costs less than `unmaps`
  /// of a page each; 0 where no number is small enough, `nil` where any is.
  public func largestTables(unmaps: UInt64) -> UInt64? {
    var fixed = trap
    var each = table
    switch absentTables {
    case .scanned: fixed = Self.sum(fixed, Self.product(aperturePages, page))
    case .skipped: each = Self.sum(each, Self.product(page, Self.tablePages))
    }
    let budget = Self.product(unmaps, range(pages: 1))
    if budget <= fixed { return 0 }
    return each == 0 ? nil : (budget - fixed - 1) / each
  }

  /// What a page that a global refresh looks at costs, its share of its table among it, relative to
  /// a trap; infinite where traps are free.
  public var relativePage: Double {
    let share = Double(table) / Double(Self.tablePages)
    return (Double(page) + share) / Double(trap)
  }
}
