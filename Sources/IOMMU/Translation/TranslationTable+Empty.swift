public import Synchronization

/// Taking empty leaf tables out of the hardware's sight, and giving their memory back.
///
/// A table goes through four states: in use; empty and listed; unlinked, in an ``UnlinkedTables``;
/// freed. It leaves the first only by an unmap, and returns to it by a map as long as it is listed.
extension TranslationTable {
  /// Takes leaf tables that are empty out of the hardware table; call it before an invalidation.
  ///
  /// Looks at up to `limit` of the tables that became empty, and passes over those that are in use
  /// again. A span whose former table still waits to be freed is left for later: so there is one
  /// such table for each span at most, and their list needs no memory of its own.
  /// - Complexity: a walk and a store for each table. Allocates: never.
  ///
  /// Context: any processor, several at once, alongside maps and unmaps, which wait for a table
  /// that is just being unlinked. Invalidates: nothing. The device may still walk the tables.
  @inlinable
  public borrowing func unlinkEmptyTables(limit: Int) -> UnlinkedTables {
    var head = IndexList.none
    var retry = IndexList.none
    var count = 0
    var range: IOVARange?
    var looks = 0
    while looks < limit, let index = empties.pop() {
      looks &+= 1
      switch unlink(index) {
      case .used:
        break
      case .occupied:
        // Still listed, and put back at the end: at once, it would be looked at again and again.
        empties.link(index, to: retry)
        retry = UInt32(truncatingIfNeeded: index)
      case .unlinked:
        unlinkedNext[index] = head
        head = UInt32(truncatingIfNeeded: index)
        count &+= 1
        let span = part(of: aperture, in: index)
        range = range?.union(span) ?? span
      }
    }
    empties.push(chain: retry)
    unlinkedTotal.wrappingAdd(count, ordering: .relaxed)
    return UnlinkedTables(count: count, range: range, head: head, root: root)
  }

  /// Gives the memory of unlinked tables back.
  ///
  /// An invalidation that covers the token's range began after the tables were unlinked, and has
  /// succeeded on every device that uses the table: nothing can walk them any more.
  /// - Complexity: one step for each table. Context: any processor, several at once.
  @inlinable
  public borrowing func free(_ tables: consuming UnlinkedTables) {
    precondition(tables.root == root, "unlinked tables of another translation table")
    if tables.count == 0 { return }
    // Counts up before any memory is given back: a `LeafReader` relies on it.
    YieldPoint.reached(.store, shared)
    freeEpoch.wrappingAdd(1, ordering: .acquiringAndReleasing)
    var index = tables.head
    while index != IndexList.none {
      let span = Int(index)
      index = unlinkedNext[span]
      let table = PhysicalAddress(unlinked[span].load(ordering: .relaxed))
      freeTable(table, level: 0)
      // Releasing: who finds the place free may write `unlinkedNext` again.
      YieldPoint.reached(.store, shared.part(span))
      unlinked[span].store(0, ordering: .releasing)
    }
    unlinkedTotal.wrappingSubtract(tables.count, ordering: .relaxed)
  }

  /// Puts span `index` on the list, if its leaf table is still empty and is not there yet.
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
      if done { return empties.push(index) }
    }
  }

  /// Takes the leaf table of a span that was just popped off the list out of the hardware table.
  @inlinable
  borrowing func unlink(_ index: Int) -> UnlinkResult {
    while true {
      YieldPoint.reached(.store, shared.part(index))
      let word = directory[index].load(ordering: .relaxed)
      // Only who popped a span clears the flag or removes its table, so that there is one.
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
