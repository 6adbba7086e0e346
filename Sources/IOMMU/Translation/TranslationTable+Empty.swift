public import Synchronization

/// Taking empty leaf tables out of the hardware's sight.
///
/// A table goes through five states: in use; empty and listed; unlinked, and waiting for an
/// invalidation; covered by one; freed. It leaves the first only by an unmap, and returns to it by
/// a map as long as it is listed. From one state to the next tables go a few at a time, whenever
/// another one is listed: so no call pays for what many others have left behind.
extension TranslationTable {
  /// Covered tables that are freed, at the most, for each one that is listed.
  ///
  /// More than are unlinked, so that those of one invalidation are gone before the next.
  @inlinable static var freesPerListing: Int { 2 }

  /// Takes leaf tables that are empty out of the hardware table; call it before an invalidation.
  ///
  /// Looks at up to `limit` of the tables that became empty, the oldest first, and passes over
  /// those that are in use again. A span whose former table still waits to be freed is left for
  /// later: so there is one such table for each span at most, and their chains need no memory of
  /// their own. Adds the tables that were unlinked before and wait for an invalidation.
  /// - Complexity: a walk and a store for each table that is looked at; nothing for those that
  ///   wait. Allocates: never.
  ///
  /// Context: any processor, several at once, alongside maps and unmaps, which wait for a table
  /// that is just being unlinked. Invalidates: nothing. The device may still walk the tables.
  @inlinable
  public borrowing func unlinkEmptyTables(limit: Int) -> UnlinkedTables {
    // Those put back are at the end, and not looked at again.
    var looks = min(limit, empties.count)
    while looks > 0, let index = empties.takeFirst() {
      looks &-= 1
      _ = unlinkOrPutBack(index)
    }
    var chain = TableChain()
    var range: IOVARange?
    // One that others unlink just now is left for the next time as well.
    if chains.waitingCount > 0 { chain = chains.takeWaiting() }
    if chain.count > 0 {
      let first = part(of: aperture, in: Int(chain.lowest))
      range = first.union(part(of: aperture, in: Int(chain.highest)))
    }
    return UnlinkedTables(chain, range: range, root: root)
  }

  /// Puts span `index` on the list, if its leaf table is still empty and is not there yet, and
  /// moves a few other tables on to their next states.
  ///
  /// Where the list is full, one goes for each that comes, the oldest; a second look is for where
  /// the first is in vain.
  @inlinable
  @inline(never)
  borrowing func listEmpty(_ index: Int) {
    // The only table of a single-level format is the root, which stays.
    if Self.rootLevel == 0 { return }
    while true {
      YieldPoint.reached(.store, shared.part(index))
      let word = directory[index].load(ordering: .relaxed)
      if word < Self.leafFloor { return }
      if word & (Self.countMask | Self.listed) != 0 { return }
      let (done, _) = directory[index].compareExchange(
        expected: word, desired: word | Self.listed, ordering: .relaxed)
      if done { break }
    }
    if let oldest = empties.append(index, takingFirstFrom: keptTables) {
      if !unlinkOrPutBack(oldest) { unlinkAnother() }
    }
    if chains.coveredCount > 0 { freeCovered(limit: Self.freesPerListing) }
  }

  /// The second look, where the first was in vain.
  @inlinable
  @inline(never)
  borrowing func unlinkAnother() {
    if let next = empties.takeFirst() { _ = unlinkOrPutBack(next) }
  }

  /// Unlinks the table of a span that was just taken off the list; `false` where that was in vain.
  @inlinable
  @inline(__always)
  borrowing func unlinkOrPutBack(_ index: Int) -> Bool {
    switch unlink(index) {
    case .used:
      return false
    case .occupied:
      empties.append(index)
      return false
    case .unlinked:
      unlinkedTotal.wrappingAdd(1, ordering: .relaxed)
      chains.wait(index)
      return true
    }
  }

  /// Takes the leaf table of a span that was just taken off the list out of the hardware table.
  @inlinable
  @inline(__always)
  borrowing func unlink(_ index: Int) -> UnlinkResult {
    while true {
      YieldPoint.reached(.store, shared.part(index))
      let word = directory[index].load(ordering: .relaxed)
      // Only who took a span off clears the flag or removes its table, so that there is one.
      if word & Self.countMask != 0 {
        let (done, _) = directory[index].compareExchange(
          expected: word, desired: word & ~Self.listed, ordering: .relaxed)
        if done { return .used }
        continue
      }
      if unlinked[index].load(ordering: .acquiring) != 0 { return .occupied }
      // Acquiring pairs with the releasing `leave` that made it empty.
      let (claimed, _) = directory[index].compareExchange(
        expected: word, desired: Self.claimed, ordering: .acquiring)
      if !claimed { continue }
      let address = span(index).first.rawValue
      let slot = Self.entryAddress(address, in: existingTable(level: 1, for: address), level: 1)
      YieldPoint.reached(.store, SharedObject(at: slot))
      memory.storeEntry(Format.invalidEntry(level: 1), at: slot)
      YieldPoint.reached(.store, shared.part(index))
      unlinked[index].store(word & Self.addressMask, ordering: .relaxed)
      directory[index].store(0, ordering: .releasing)
      return .unlinked
    }
  }

  /// The table of `level`, 1 or more, that translates `address` and is known to be there.
  @inlinable
  @inline(__always)
  borrowing func existingTable(level: Int, for address: UInt64) -> PhysicalAddress {
    guard let table = table(level: level, for: address) else {
      preconditionFailure("a table above a leaf is missing")
    }
    return table
  }

  /// The table of `level` that translates `address`, or `nil` where there is none.
  ///
  /// Inlined, because with a constant level the walk takes no loop.
  @inlinable
  @inline(__always)
  borrowing func table(level: Int, for address: UInt64) -> PhysicalAddress? {
    var table = root
    var current = Self.rootLevel
    var shift = Self.shift(level: Self.rootLevel)
    while current > level {
      let entry = memory.loadEntry(
        at: Self.entryAddress(address, in: table, level: current, shift: shift))
      guard Format.isValid(entry, level: current) else { return nil }
      table = Format.child(of: entry, level: current)
      current &-= 1
      shift &-= UInt64(Format.indexBits(level: current))
    }
    return table
  }
}

/// What became of a table that had been empty.
@frozen
@usableFromInline
enum UnlinkResult {
  /// It is in use again.
  case used
  /// It is empty, but its predecessor is not freed yet.
  case occupied
  /// It is out of the hardware table.
  case unlinked
}
