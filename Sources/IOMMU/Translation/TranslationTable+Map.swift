public import Synchronization

/// Making translations.
extension TranslationTable {
  /// Translates `range` to the memory from `physical` on; both are whole granules.
  ///
  /// All or nothing: on failure every translation is as before. Tables that were made on the way
  /// stay, empty, because the hardware may have seen them; they are in ``emptyTableCount``.
  /// - Throws: ``TableError/misaligned(_:)``, ``TableError/outsideAperture(_:)``,
  ///   ``TableError/misalignedPhysical(_:)``, ``TableError/beyondFormat(_:limit:)`` for a request
  ///   that could never be met; ``TableError/overlap(_:)`` where a page of `range` is mapped;
  ///   ``TableError/noMemory(_:)`` where there is none for a table.
  /// - Complexity: one store for each page and a few instructions for each leaf table. The first
  ///   mapping in a span also fills the rest of a leaf table, or all of one where it goes on in
  ///   another span, and at most one table of each level above.
  ///
  /// Context: any processor, several at once, for different pages. Allocates: tables only.
  /// Invalidates: nothing; where the hardware wants to be told of new entries, that is to be done.
  @inlinable
  public borrowing func map<Checking: EntryChecking>(
    _ range: IOVARange, to physical: PhysicalAddress, _ permission: DevicePermission,
    checking: Checking.Type = VerifiedEntries.self
  ) throws(TableError) {
    if mapPage(range, to: physical, permission, checking: checking) { return }
    return try mapSlowly(range, to: physical, permission, checking: checking)
  }

  /// Maps a single page where nothing stands in the way; else changes nothing and answers `false`.
  ///
  /// A function of its own because whatever throws needs a stack frame and room for the error. On
  /// x86-64 a call takes 60 instructions in all, 51 of them without looking at the entry; bounds
  /// and byte order of ``HostTableMemory`` are 14 of those.
  @inlinable
  @inline(__always)
  borrowing func mapPage<Checking: EntryChecking>(
    _ range: IOVARange, to physical: PhysicalAddress, _ permission: DevicePermission,
    checking: Checking.Type
  ) -> Bool {
    let mask = Format.granule.byteCount &- 1
    if isNotPage(range, or: physical.rawValue) { return false }
    if physical.rawValue | mask > Format.physicalLimit.rawValue { return false }
    return mapPage(at: range.first, to: physical, permission, checking: checking)
  }

  /// The same for the page at `first`, which is one of the aperture's, and a page of memory that
  /// entries can name: the caller has seen to both.
  ///
  /// Complexity: one look at the directory, one at the entry. Nothing is known of what an address
  /// beyond the aperture does, but that it touches no memory that is not the tables'.
  @inlinable
  @inline(__always)
  borrowing func mapPage<Checking: EntryChecking>(
    at first: IOVA, to physical: PhysicalAddress, _ permission: DevicePermission,
    checking: Checking.Type
  ) -> Bool {
    let index = spanIndex(first)
    YieldPoint.reached(.load, shared.part(index))
    let word = directory[index].load(ordering: .acquiring)
    if word < Self.leafFloor { return false }
    // Where the entry is read, an invalid one proves that the table is not full.
    if !Checking.verifiesEntries, Self.livePages(word) >= Self.entriesPerLeaf { return false }
    let slot = Self.leafEntryAddress(first.rawValue, in: word & Self.addressMask)
    // The table is not pinned yet. But if it was removed and even freed by now, the exchange below
    // fails, or finds the same table in the same place again, with the entries of an empty one.
    if Checking.verifiesEntries {
      if Format.isValid(memory.loadEntry(at: slot), level: 0) { return false }
    }
    YieldPoint.reached(.store, shared.part(index))
    let (done, _) = directory[index].compareExchange(
      expected: word, desired: word &+ 1, ordering: .acquiring)
    if !done { return false }
    YieldPoint.reached(.store, Self.entries(at: slot), at: slot.rawValue)
    memory.storeEntry(Format.leafEntry(physical, permission), at: slot)
    return true
  }

  /// Maps anything, and tells what is wrong.
  @inlinable
  @inline(never)
  borrowing func mapSlowly<Checking: EntryChecking>(
    _ range: IOVARange, to physical: PhysicalAddress, _ permission: DevicePermission,
    checking: Checking.Type
  ) throws(TableError) {
    if !isAdmissible(range) { try admit(range) }
    try Self.admit(physical, for: range)
    let index = spanIndex(range.first)
    if spanIndex(range.last) != index {
      return try mapAcross(range, to: physical, permission, checking: checking)
    }
    YieldPoint.reached(.load, shared.part(index))
    if directory[index].load(ordering: .relaxed) == 0 {
      if try mapFresh(index, range, to: physical, permission) { return }
    }
    let pages = Self.pages(range)
    let leaf = try enter(index, pages: pages, for: range)
    if Checking.verifiesEntries {
      if hasMappedEntry(in: range, leaf: leaf, pages: pages) {
        throw refuseOverlap(range, entered: index, pages: pages)
      }
    }
    write(
      pages, at: Self.leafEntryAddress(range.first.rawValue, in: leaf & Self.addressMask),
      physical, permission)
  }

  /// The same for a range that touches several leaf tables.
  @inlinable
  @inline(never)
  borrowing func mapAcross<Checking: EntryChecking>(
    _ range: IOVARange, to physical: PhysicalAddress, _ permission: DevicePermission,
    checking: Checking.Type
  ) throws(TableError) {
    try enterAll(range, checking: checking)
    var physical = physical.rawValue
    for index in spanIndex(range.first)...spanIndex(range.last) {
      let part = part(of: range, in: index)
      let leaf = pinnedLeaf(index)
      write(
        Self.pages(part), at: Self.leafEntryAddress(part.first.rawValue, in: leaf),
        PhysicalAddress(physical), permission)
      // The end was checked; only the step past the very last part can wrap, and is not used.
      physical = physical &+ part.byteCountMinusOne &+ 1
    }
  }

  /// Counts all pages of `range` in, in every leaf table it touches, or none.
  @inlinable
  @inline(never)
  borrowing func enterAll<Checking: EntryChecking>(
    _ range: IOVARange, checking: Checking.Type
  ) throws(TableError) {
    let first = spanIndex(range.first)
    var index = first
    let last = spanIndex(range.last)
    do throws(TableError) {
      while index <= last {
        let part = part(of: range, in: index)
        let pages = Self.pages(part)
        let leaf = try enter(index, pages: pages, for: range)
        if Checking.verifiesEntries {
          if hasMappedEntry(in: part, leaf: leaf, pages: pages) {
            throw refuseOverlap(part, entered: index, pages: pages)
          }
        }
        index &+= 1
      }
    } catch {
      leaveAll(range, from: first, below: index)
      throw error
    }
  }

  /// Counts the pages of `range` out of the tables with directory indices `from..<below`.
  @inlinable
  borrowing func leaveAll(_ range: IOVARange, from first: Int, below end: Int) {
    for index in first..<end { leave(index, pages: Self.pages(part(of: range, in: index))) }
  }

  /// The leaf table of a span in which the caller has pages counted in.
  @inlinable
  borrowing func pinnedLeaf(_ index: Int) -> UInt64 {
    directory[index].load(ordering: .relaxed) & Self.addressMask
  }

  /// Whether any of the entries about to be written is valid; `leaf` is the word from `enter`.
  @inlinable
  @inline(__always)
  borrowing func hasMappedEntry(in range: IOVARange, leaf: UInt64, pages: UInt64) -> Bool {
    // An empty table needs no look: so a run that fills one whole is checked for nothing.
    if leaf & Self.countMask == 0 { return false }
    var address = Self.leafEntryAddress(range.first.rawValue, in: leaf & Self.addressMask)
    if Format.invalidLeafBit != 0 {
      let common = memory.bitsInAll(at: address, count: Int(truncatingIfNeeded: pages))
      return common & Format.invalidLeafBit == 0
    }
    var left = pages
    while left > 0 {
      if Format.isValid(memory.loadEntry(at: address), level: 0) { return true }
      address = PhysicalAddress(address.rawValue &+ 8)
      left &-= 1
    }
    return false
  }

  /// Counts out again what `enter` counted in, and tells what was in the way.
  @inlinable
  @inline(never)
  borrowing func refuseOverlap(
    _ range: IOVARange, entered index: Int, pages: UInt64
  ) -> TableError {
    let page = firstMappedPage(in: range)
    leave(index, pages: pages)
    return .overlap(page ?? range)
  }

  /// Writes the leaf entries of `pages` consecutive pages.
  @inlinable
  @inline(__always)
  borrowing func write(
    _ pages: UInt64, at address: PhysicalAddress, _ physical: PhysicalAddress,
    _ permission: DevicePermission
  ) {
    YieldPoint.reached(.store, Self.entries(at: address))
    let entry = Format.leafEntry(physical, permission)
    if pages == 1 {
      memory.storeEntry(entry, at: address)
    } else {
      // Two constants, and mostly the same one, for which the compiler does not look any more.
      let step = permission == .readWrite ? Self.leafStep(.readWrite) : Self.leafStep(.read)
      memory.storeEntries(
        at: address, count: Int(truncatingIfNeeded: pages), first: entry, step: step)
    }
  }

  /// By how much the entries of neighbouring pages differ, which is the same for any two.
  @inlinable
  @inline(__always)
  static func leafStep(_ permission: DevicePermission) -> UInt64 {
    Format.leafEntry(PhysicalAddress(Format.granule.byteCount), permission)
      &- Format.leafEntry(PhysicalAddress(0), permission)
  }
}
