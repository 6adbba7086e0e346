/// Filling one range of device addresses from several runs of memory.
extension TranslationTable {
  /// Translates `range` to `segments` one after the other; all of them whole granules.
  ///
  /// All or nothing, and refuses the same as ``map(_:to:_:checking:)``, before anything is written.
  /// - Throws: also ``TableError/wrongLength(expected:given:)`` where the segments do not fill
  ///   `range` exactly.
  /// - Complexity: one store for each page, a few instructions for each segment and leaf table.
  ///
  /// Context, allocates, invalidates: as ``map(_:to:_:checking:)``.
  @inlinable
  public borrowing func map<Checking: EntryChecking>(
    _ range: IOVARange, to segments: Span<PhysicalRange>, _ permission: DevicePermission,
    checking: Checking.Type = VerifiedEntries.self
  ) throws(TableError) {
    try admit(range)
    let wanted = PageCount(Self.pages(range))
    var given: UInt64 = 0
    for index in segments.indices {
      let (sum, overflow) = given.addingReportingOverflow(try Self.pages(of: segments[index]))
      given = overflow ? .max : sum
    }
    if given != wanted.rawValue {
      throw .wrongLength(expected: wanted, given: PageCount(given))
    }
    try enterAll(range, checking: checking)
    var cursor = TableCursor(range: range, pages: wanted.rawValue)
    for index in segments.indices {
      write(segments[index].first, pages: Self.pages(checked: segments[index]), permission, &cursor)
    }
  }

  /// Takes all pages of `range`, to be filled from its first one on.
  ///
  /// - Throws: as ``map(_:to:_:checking:)`` does for the range; nothing was taken.
  /// - Complexity: a few instructions for each leaf table, and a load for each page.
  ///
  /// Context, allocates: as ``map(_:to:_:checking:)``. The device sees nothing new yet.
  @inlinable
  public borrowing func beginMapping<Checking: EntryChecking>(
    _ range: IOVARange, checking: Checking.Type = VerifiedEntries.self
  ) throws(TableError) -> TableCursor {
    try admit(range)
    try enterAll(range, checking: checking)
    return TableCursor(range: range, pages: Self.pages(range))
  }

  /// Translates the next pages of the cursor's range to `segment`, whole granules of memory.
  ///
  /// - Throws: ``TableError/misalignedPhysical(_:)``, ``TableError/beyondFormat(_:limit:)``;
  ///   ``TableError/wrongLength(expected:given:)`` where the segment is longer than what is left.
  ///   Cursor and table are as before.
  /// - Complexity: one store for each page.
  ///
  /// Context: one processor at a time for a cursor. Allocates: never.
  @inlinable
  public borrowing func append(
    _ segment: PhysicalRange, _ permission: DevicePermission, to cursor: inout TableCursor
  ) throws(TableError) {
    let pages = try Self.pages(of: segment)
    if pages > cursor.left {
      throw .wrongLength(expected: cursor.pagesLeft, given: PageCount(pages))
    }
    write(segment.first, pages: pages, permission, &cursor)
  }

  /// Ends a cursor whose range is filled; its pages are mapped as by ``map(_:to:_:checking:)``.
  ///
  /// - Throws: ``TableError/wrongLength(expected:given:)`` where pages are left. Nothing is mapped
  ///   then, as after ``abandon(_:gather:)``; a device that knew the range may have cached the part
  ///   that was written.
  @inlinable
  public borrowing func commit(_ cursor: consuming TableCursor) throws(TableError) {
    let left = cursor.left
    if left == 0 { return }
    let pages = Self.pages(cursor.range)
    var gather = InvalidationGather()
    abandon(cursor, gather: &gather)
    throw .wrongLength(expected: PageCount(pages), given: PageCount(pages &- left))
  }

  /// Removes what was written through the cursor and gives up its range; adds the part that was
  /// written to `gather`, because a device may have used it.
  ///
  /// Complexity: one store for each page of the range. Allocates: never.
  @inlinable
  public borrowing func abandon(
    _ cursor: consuming TableCursor, gather: inout InvalidationGather
  ) {
    let range = cursor.range
    let written = Self.pages(range) &- cursor.left
    eraseAll(range)
    if written == 0 { return }
    let bytes = written &<< UInt64(Format.granule.log2)
    gather.add(
      IOVARange(ordered: range.first, IOVA(range.first.rawValue &+ (bytes &- 1))),
      pages: PageCount(written))
  }

  /// Writes entries that were admitted: the pages are counted in and left in the cursor.
  @inlinable
  borrowing func write(
    _ physical: PhysicalAddress, pages: UInt64, _ permission: DevicePermission,
    _ cursor: inout TableCursor
  ) {
    let granuleLog2 = UInt64(Format.granule.log2)
    var physical = physical.rawValue
    var left = pages
    while left > 0 {
      if cursor.leaf == 0 { cursor.leaf = pinnedLeaf(spanIndex(IOVA(cursor.next))) }
      let used = (cursor.next &>> granuleLog2) & (Self.entriesPerLeaf &- 1)
      let run = min(left, Self.entriesPerLeaf &- used)
      write(
        run, at: Self.leafEntryAddress(cursor.next, in: cursor.leaf),
        PhysicalAddress(physical), permission)
      // These wrap only past the very last page of everything, and are not used any more then.
      cursor.next = cursor.next &+ run &<< granuleLog2
      physical = physical &+ run &<< granuleLog2
      if used &+ run == Self.entriesPerLeaf { cursor.leaf = 0 }
      left &-= run
    }
    cursor.left = cursor.left &- pages
  }

  /// The number of pages of a segment, which is checked to be whole granules that entries can name.
  @inlinable
  static func pages(of segment: PhysicalRange) throws(TableError) -> UInt64 {
    let mask = Format.granule.byteCount &- 1
    if (segment.first.rawValue | ~segment.last.rawValue) & mask != 0 {
      throw .misalignedPhysical(segment.first)
    }
    let limit = Format.physicalLimit
    if segment.last > limit { throw .beyondFormat(segment.first, limit: limit) }
    return pages(checked: segment)
  }

  @inlinable
  static func pages(checked segment: PhysicalRange) -> UInt64 {
    (segment.byteCountMinusOne &>> UInt64(Format.granule.log2)) &+ 1
  }
}
