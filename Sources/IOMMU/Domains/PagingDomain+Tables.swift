/// Freeing tables that are empty, under the cover of invalidations.
extension PagingDomain {
  /// Empty tables that a global invalidation unlinks of itself, at the most.
  ///
  /// Fewer than it frees, and one alone: a request that finds the aperture used up pays for it all.
  @inlinable public static var tablesPerFlush: Int { 1 }

  /// Tables that are freed at once, at the most, where a map lacks memory for one.
  @inlinable public static var tablesPerShortage: Int { 64 }

  /// The number of empty tables that the hardware may go on seeing.
  ///
  /// Where invalidations are deferred, addresses come back late, and there are global ones at
  /// times, which on some machines cost for each table: then only a few are kept, several for each
  /// processor, as what it has open may be empty now and then. Elsewhere a table that was used is
  /// soon used again, and stays.
  static func keptTables(_ options: PagingDomainOptions, defersInvalidation: Bool) -> Int {
    if !defersInvalidation { return options.emptyTableLimit }
    return min(options.emptyTableLimit, max(64, 4 * options.processors))
  }

  /// Invalidates for the tables that wait for it, where there are as many as the options let be.
  @inlinable
  @inline(__always)
  func limitEmptyTables(on cpu: CPUIndex) {
    if table.waitingTableCount >= options.emptyTableLimit { coverWaitingTables(on: cpu) }
  }

  /// Lets the tables that were unlinked be freed, after an invalidation of all they translated.
  @inlinable
  @inline(never)
  func coverWaitingTables(on cpu: CPUIndex) {
    _ = coverTables(unlinking: 0, on: cpu)
    table.freeCovered(limit: Self.tablesPerFlush)
  }

  /// Unlinks up to `limit` more tables, and lets all that are unlinked be freed after an
  /// invalidation of what they translated; true where there are any.
  @inlinable
  @inline(__always)
  func coverTables(unlinking limit: Int, on cpu: CPUIndex) -> Bool {
    let unlinked = table.unlinkEmptyTables(limit: limit)
    guard let span = unlinked.range else { return false }
    let pages = span.pageCount(of: Platform.Format.granule).rawValue
    let all = aperture.pageCount(of: Platform.Format.granule).rawValue
    let isCovered = pages < all ? flush(span, .tables, on: cpu) : flushAll(.timeout, on: cpu)
    // On failure they stay quarantined until the domain ends.
    if isCovered { table.cover(unlinked) }
    return isCovered
  }

  /// Frees ``tablesPerShortage`` or a few more tables that are empty; true where there was one.
  ///
  /// Complexity: constant, and one invalidation where few tables are covered by one yet.
  @inlinable
  @inline(never)
  func reclaimTables(on cpu: CPUIndex) -> Bool {
    var freed = table.freeCovered(limit: Self.tablesPerShortage)
    // Two leaf tables and those above them are what a mapping of a few pages needs.
    if freed < Platform.Format.levels, coverTables(unlinking: Self.tablesPerShortage, on: cpu) {
      freed &+= table.freeCovered(limit: Self.tablesPerShortage)
    }
    return freed > 0
  }

  /// Ends every lease that is not needed and frees all tables that are empty then.
  ///
  /// True where at least one was freed. Complexity: a visit to every chunk and every empty table.
  @inlinable
  @inline(never)
  func reclaimAllTables(on cpu: CPUIndex) -> Bool {
    let freed = table.tablesFreed
    endIdleLeases(visits: .max, endings: .max)
    _ = coverTables(unlinking: .max, on: cpu)
    table.freeCovered(limit: .max)
    return table.tablesFreed != freed
  }
}
