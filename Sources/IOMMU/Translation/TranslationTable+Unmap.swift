public import Synchronization

/// Removing translations.
extension TranslationTable {
  /// Removes the translations of `range`, and adds it to what the next invalidation must cover.
  ///
  /// The same as ``unmap(_:checking:)``; on failure `gather` is as before, too.
  @inlinable
  public borrowing func unmap<Checking: EntryChecking>(
    _ range: IOVARange, gather: inout InvalidationGather,
    checking: Checking.Type = VerifiedEntries.self
  ) throws(TableError) {
    try unmap(range, checking: checking)
    gather.add(range, pages: PageCount(Self.pages(range)))
  }

  /// Removes the translations of `range`, which is whole granules and was mapped, in whatever
  /// pieces.
  ///
  /// All or nothing: on failure every translation is as before. A leaf table that becomes empty
  /// stays in its place and is counted in ``emptyTableCount``.
  /// - Throws: ``TableError/misaligned(_:)``, ``TableError/outsideAperture(_:)``; and
  ///   ``TableError/notMapped(_:)`` with the first page that is not mapped. ``TrustedEntries``
  ///   finds that only where a whole leaf table has fewer pages mapped than are to be removed.
  /// - Complexity: one store for each page and a few instructions for each leaf table.
  ///
  /// Context: any processor, several at once, for different pages. Allocates: never.
  /// Invalidates: nothing. The device may use the old translations until an invalidation covers
  /// `range`; only then may the memory or the addresses be used for something else.
  @inlinable
  public borrowing func unmap<Checking: EntryChecking>(
    _ range: IOVARange, checking: Checking.Type = VerifiedEntries.self
  ) throws(TableError) {
    if unmapPage(range, checking: checking) { return }
    return try unmapSlowly(range, checking: checking)
  }

  /// Unmaps a single page that is mapped; else changes nothing and answers `false`.
  ///
  /// As for ``mapPage(_:to:_:checking:)``: 53 instructions in all, 42 without looking at the entry.
  @inlinable
  @inline(__always)
  borrowing func unmapPage<Checking: EntryChecking>(
    _ range: IOVARange, checking: Checking.Type
  ) -> Bool {
    if isNotPage(range) { return false }
    return unmapPage(at: range.first, checking: checking)
  }

  /// The same for the page at `first`, which is one of the aperture's: the caller has seen to that.
  @inlinable
  @inline(__always)
  borrowing func unmapPage<Checking: EntryChecking>(
    at first: IOVA, checking: Checking.Type
  ) -> Bool {
    let index = spanIndex(first)
    YieldPoint.reached(.load, shared.part(index))
    let word = directory[index].load(ordering: .acquiring)
    // A word without a table counts no pages either.
    if word & Self.countMask == 0 { return false }
    let slot = Self.leafEntryAddress(first.rawValue, in: word & Self.addressMask)
    if Checking.verifiesEntries {
      if !Format.isValid(memory.loadEntry(at: slot), level: 0) { return false }
    }
    YieldPoint.reached(.store, Self.entries(at: slot), at: slot.rawValue)
    memory.storeEntry(Format.invalidEntry(level: 0), at: slot)
    leave(index, pages: 1)
    return true
  }

  /// Unmaps anything, and tells what is wrong.
  @inlinable
  @inline(never)
  borrowing func unmapSlowly<Checking: EntryChecking>(
    _ range: IOVARange, checking: Checking.Type
  ) throws(TableError) {
    if !isAdmissible(range) { try admit(range) }
    let index = spanIndex(range.first)
    if spanIndex(range.last) != index { return try unmapAcross(range, checking: checking) }
    let pages = Self.pages(range)
    let leaf = try mappedLeaf(index, range, pages: pages, checking: checking)
    erase(pages, at: Self.leafEntryAddress(range.first.rawValue, in: leaf))
    leave(index, pages: pages)
  }

  /// The same for a range that touches several leaf tables: looks first, then removes.
  @inlinable
  @inline(never)
  borrowing func unmapAcross<Checking: EntryChecking>(
    _ range: IOVARange, checking: Checking.Type
  ) throws(TableError) {
    let spans = spanIndex(range.first)...spanIndex(range.last)
    for index in spans {
      let part = part(of: range, in: index)
      _ = try mappedLeaf(index, part, pages: Self.pages(part), checking: checking)
    }
    eraseAll(range)
  }

  /// Removes what is known to be mapped.
  @inlinable
  borrowing func eraseAll(_ range: IOVARange) {
    for index in spanIndex(range.first)...spanIndex(range.last) {
      let part = part(of: range, in: index)
      let pages = Self.pages(part)
      erase(pages, at: Self.leafEntryAddress(part.first.rawValue, in: pinnedLeaf(index)))
      leave(index, pages: pages)
    }
  }

  /// The leaf table of span `index`, in which all of `range` is mapped.
  ///
  /// The pages that are mapped keep the table; nothing is counted.
  @inlinable
  @inline(__always)
  borrowing func mappedLeaf<Checking: EntryChecking>(
    _ index: Int, _ range: IOVARange, pages: UInt64, checking: Checking.Type
  ) throws(TableError) -> UInt64 {
    YieldPoint.reached(.load, shared.part(index))
    let word = directory[index].load(ordering: .acquiring)
    // A word without a table counts no pages either.
    if word & Self.countMask < pages { throw notMapped(range) }
    // A run that empties a whole table needs no look where the count tells, which is exact without
    // the leases: each page was invalid when it was counted, and nobody else names one of them now.
    if Checking.verifiesEntries && pages < Self.entriesPerLeaf {
      if hasInvalidEntry(in: range, leaf: word & Self.addressMask, pages: pages) {
        throw notMapped(range)
      }
    } else if Self.livePages(word) < pages {
      throw notMapped(range)
    }
    return word & Self.addressMask
  }

  @inlinable
  @inline(__always)
  borrowing func hasInvalidEntry(in range: IOVARange, leaf: UInt64, pages: UInt64) -> Bool {
    var address = Self.leafEntryAddress(range.first.rawValue, in: leaf)
    if Format.invalidLeafBit != 0 {
      let united = memory.bitsInAny(at: address, count: Int(truncatingIfNeeded: pages))
      return united & Format.invalidLeafBit != 0
    }
    var left = pages
    while left > 0 {
      if !Format.isValid(memory.loadEntry(at: address), level: 0) { return true }
      address = PhysicalAddress(address.rawValue &+ 8)
      left &-= 1
    }
    return false
  }

  /// The error for `range`, with the first page that is not mapped.
  @inlinable
  @inline(never)
  borrowing func notMapped(_ range: IOVARange) -> TableError {
    var reader = LeafReader<Format, Memory>()
    var address = range.first
    while reader.entry(of: address, in: self) != nil {
      let next = address.advanced(by: Format.granule.byteCount)
      // Everything is mapped by now: another processor was quicker than this look.
      guard let next, next <= range.last else { return .notMapped(range.first) }
      address = next
    }
    return .notMapped(address)
  }

  /// Writes invalid entries for `pages` consecutive pages.
  @inlinable
  @inline(__always)
  borrowing func erase(_ pages: UInt64, at address: PhysicalAddress) {
    YieldPoint.reached(.store, Self.entries(at: address))
    let entry = Format.invalidEntry(level: 0)
    if pages == 1 {
      memory.storeEntry(entry, at: address)
    } else {
      memory.storeEntries(
        at: address, count: Int(truncatingIfNeeded: pages), first: entry, step: 0)
    }
  }
}
